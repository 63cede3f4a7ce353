import { describe, expect, it } from 'vitest'
import { bootstrapArguments } from '../../src/image/base.js'
import { findBase } from '../../src/toolchain/base.js'
import type { Base } from '../../src/toolchain/catalog.js'

function base(image: string): Base {
  const found = findBase(image)
  if (found === undefined) throw new Error(`${image} is not in the catalog`)
  return found
}

describe('bootstrapArguments', () => {
  it('makes a small Debian from its mirror', () => {
    const args = bootstrapArguments(base('debian:bookworm'), '/tmp/b.tar', undefined)
    expect(args[0]).toBe('--variant=minbase')
    expect(args.slice(-3)).toEqual(['bookworm', '/tmp/b.tar', 'http://deb.debian.org/debian'])
    expect(args.join(' ')).not.toContain('Check-Valid-Until')
  })

  it('lets sid be a little old and merges its /usr', () => {
    const args = bootstrapArguments(base('debian:sid'), '/tmp/s.tar', undefined)
    expect(args).toContain('--aptopt=Acquire::Check-Valid-Until "false"')
    expect(args).toContain('--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr')
  })

  it('takes a suite that left the mirrors from the archive', () => {
    const args = bootstrapArguments(base('debian:buster'), '/tmp/b.tar', undefined)
    expect(args.at(-1)).toBe('http://archive.debian.org/debian')
  })

  it.each([
    'http://mirror.example',
    'http://mirror.example/debian',
    'http://mirror.example/debian/',
  ])("takes %s, and leaves Debian's own address in the image", (mirror) => {
    const args = bootstrapArguments(base('debian:trixie'), '/tmp/t.tar', mirror)
    expect(args.at(-1)).toBe('http://mirror.example/debian')
    expect(args.filter((arg) => arg.includes('mirror.example'))).toHaveLength(1)
  })
})
