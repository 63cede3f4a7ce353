import { expect, it } from 'vitest'
import { orderReleases } from '../../src/toolchain/go-release.js'
import { gccOrder, glibcOrder } from '../../src/toolchain/order.js'

it('has each glibc once, oldest first, on the base that a run would take', () => {
  expect(glibcOrder('default').map(({ glibc, image }) => `${glibc} ${image}`)).toEqual([
    ...['2.27 ubuntu:18.04', '2.28 debian:buster', '2.31 debian:bullseye', '2.35 ubuntu:22.04'],
    ...['2.36 debian:bookworm', '2.39 ubuntu:24.04', '2.41 debian:trixie', '2.43 debian:sid'],
  ])
  expect(glibcOrder('9').map(({ glibc, image }) => `${glibc} ${image}`)).toEqual([
    ...['2.31 debian:bullseye', '2.35 ubuntu:22.04', '2.39 ubuntu:24.04'],
  ])
})

it('keeps to one base for gcc, one with both ends if there is one', () => {
  const none = undefined
  expect(gccOrder({ glibc: '2.31', baseImage: none }, ['9', '10'])).toEqual({
    ...{ image: 'debian:bullseye', majors: ['9', '10'] },
  })
  expect(gccOrder({ glibc: '2.31', baseImage: none }, ['7', '10'])).toEqual({
    ...{ image: 'ubuntu:20.04', majors: ['7', '8', '9', '10'] },
  })
  expect(gccOrder({ glibc: none, baseImage: none }, ['12', '14']).image).toBe('debian:trixie')
  expect(gccOrder({ glibc: none, baseImage: 'debian:12' }, ['11', '12'])).toEqual({
    ...{ image: 'debian:12', majors: ['11', '12'] },
  })
  expect(() => gccOrder({ glibc: none, baseImage: 'mine:1' }, ['11', '12'])).toThrow(
    /for mine:1 is not known/,
  )
})

it('orders Go’s releases by version, without betas', () => {
  const releases = orderReleases(['1.26.0', '1.9', '1.26rc1', '1.26', '1.17', '1.26.2'])
  expect(releases.slice(0, 2)).toEqual(['1.11.13', '1.12.17'])
  expect(releases.indexOf('1.17')).toBeLessThan(releases.indexOf('1.17.13'))
  expect(releases).not.toContain('1.26rc1')
  expect(releases).not.toContain('1.9')
})
