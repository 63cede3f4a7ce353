import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { findBase, resolveBase } from '../../src/toolchain/base.js'
import { BASES } from '../../src/toolchain/catalog.js'

function ask(
  glibc: string | undefined,
  gcc = 'default',
  baseImage?: string,
): ReturnType<typeof resolveBase> {
  return resolveBase({ glibc, gcc, baseImage })
}

describe('resolveBase', () => {
  it('takes Debian stable when no glibc is asked for', () => {
    expect(ask(undefined)).toEqual({
      baseImage: 'debian:trixie',
      suite: 'trixie',
      gcc: 'default',
      expected: { glibc: '2.41', gcc: '14' },
    })
  })

  it('takes the base that has both the glibc and the gcc', () => {
    expect(ask('2.31', '10').baseImage).toBe('debian:bullseye')
    expect(ask('2.31', '8').baseImage).toBe('ubuntu:20.04')
    expect(ask('2.43', '11').baseImage).toBe('debian:sid')
  })

  it.each(BASES.map((base) => [base.image, base] as const))(
    'resolves each gcc of %s to a base with its glibc',
    (_image, base) => {
      for (const gcc of [base.gcc.default, ...base.gcc.others]) {
        const plan = ask(base.glibc, gcc)
        expect(plan.gcc).toBe(gcc)
        expect(plan.expected).toEqual({ glibc: base.glibc, gcc })
        expect(BASES.find(({ image }) => image === plan.baseImage)?.glibc).toBe(base.glibc)
      }
    },
  )

  it('expects no gcc in particular when a rolling base chooses it', () => {
    expect(ask('2.43').expected).toEqual({ glibc: '2.43', gcc: undefined })
  })

  it('lists the nearest combinations for a glibc that no base has', () => {
    expect(() => ask('2.33')).toThrow(ConfigurationError)
    expect(() => ask('2.33')).toThrow(
      /glibc-version: No base image with glibc 2\.33 .*Nearest: glibc 2\.31 with gcc 9, 10 \(debian:bullseye\)/,
    )
  })

  it('lists only bases that have the gcc asked for', () => {
    expect(() => ask('2.33', '12')).toThrow(/Nearest: glibc 2\.35 .*\(ubuntu:22\.04\)/)
    expect(() => ask('2.33', '12')).not.toThrow(/Nearest: glibc 2\.31/)
  })

  it('names the gcc versions of a glibc, and where the one asked for is to be had', () => {
    expect(() => ask('2.36', '10')).toThrow(
      /gcc-version: gcc 10 .* glibc 2\.36: debian:bookworm has gcc 11, 12\. Nearest: .*ubuntu:24\.04/,
    )
    expect(() => ask('2.36', '99')).toThrow(/No known base has gcc 99/)
  })

  it.each(['2.34', '2.42', '2.44'])(
    'sends glibc %s, without apt-get, to the image input',
    (glibc) => {
      expect(() => ask(glibc)).toThrow(/can't build on: .*give the result as image/)
    },
  )

  it.each([
    ['3.1', 'default', /glibc-version: 3\.1/],
    ['2.x', 'default', /glibc-version: 2\.x/],
    ['2.31', '10.2', /gcc-version: 10\.2/],
    ['2.31', 'ten', /gcc-version: ten/],
  ])('refuses the malformed %s and %s', (glibc, gcc, message) => {
    expect(() => ask(glibc, gcc)).toThrow(message)
  })
})

describe('resolveBase with a base image', () => {
  it('keeps an unknown image and checks the versions given beside it after the build', () => {
    expect(ask('2.39', '13', 'ghcr.io/owner/base:1')).toEqual({
      baseImage: 'ghcr.io/owner/base:1',
      suite: undefined,
      gcc: '13',
      expected: { glibc: '2.39', gcc: '13' },
    })
  })

  it('says at once when a known image has another glibc', () => {
    expect(() => ask('2.36', 'default', 'debian:bullseye')).toThrow(
      /debian:bullseye has glibc 2\.31, and glibc-version asks for 2\.36/,
    )
  })

  it('says at once when a known image has not got that gcc', () => {
    expect(() => ask(undefined, '14', 'debian:12')).toThrow(/debian:bookworm has gcc 11, 12/)
  })

  it('keeps the image as named', () => {
    expect(ask(undefined, 'default', 'debian:bookworm-slim')).toMatchObject({
      baseImage: 'debian:bookworm-slim',
      suite: 'bookworm',
      expected: { glibc: '2.36', gcc: '12' },
    })
  })

  it.each(['almalinux:9', 'alpine', 'registry.example/fedora:44'])('refuses %s', (image) => {
    expect(() => ask(undefined, 'default', image)).toThrow(/has no apt-get.*as image/)
  })
})

describe('findBase', () => {
  it.each([
    ['debian:bullseye', 'bullseye'],
    ['debian:11', 'bullseye'],
    ['debian:11-slim', 'bullseye'],
    ['docker.io/library/debian:sid', 'sid'],
    ['library/ubuntu:jammy', 'jammy'],
    ['ubuntu:22.04', 'jammy'],
  ])('knows %s', (image, suite) => {
    expect(findBase(image)?.suite).toBe(suite)
  })

  it('does not take another registry for Docker Hub', () => {
    expect(findBase('registry.example/debian:11')).toBeUndefined()
  })
})
