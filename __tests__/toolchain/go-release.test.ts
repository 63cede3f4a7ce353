import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { needsReleaseList, resolveGo } from '../../src/toolchain/go-release.js'

/** Newer than what the catalog knows, so that the list is seen to count. */
const LISTED = ['1.28.0', '1.28.10', '1.28.2', '1.27.99', '1.29rc1', '1.17.13', '1.9.7']

describe('resolveGo', () => {
  it.each([
    ['stable', '1.28.10'],
    ['oldstable', '1.27.99'],
    ['1.28', '1.28.10'],
    ['1.27', '1.27.99'],
    ['1.27.x', '1.27.99'],
    ['1.24', '1.24.13'],
    ['1.28.2', '1.28.2'],
    ['1.17.13', '1.17.13'],
  ])('%s is %s', (asked, version) => {
    expect(resolveGo(asked, LISTED)).toEqual({ version, known: true })
  })

  it.each(['1.11', '1.17', '1.20'])('%s is that very release, the first of its line', (asked) => {
    expect(resolveGo(asked, LISTED)).toEqual({ version: asked, known: true })
  })

  it('takes the newest patch of an old line when asked with .x', () => {
    expect(resolveGo('1.17.x', [])).toEqual({ version: '1.17.13', known: true })
  })

  it('falls back on the releases it knows itself', () => {
    expect(resolveGo('stable', []).version).toMatch(/^1\.\d+\.\d+$/)
  })

  it('is not sure of a patch that is newer than all it knows', () => {
    expect(resolveGo('1.28.11', LISTED)).toEqual({ version: '1.28.11', known: false })
    expect(resolveGo('1.99.1', LISTED)).toEqual({ version: '1.99.1', known: false })
  })

  it.each([
    ['1.30', /no release of Go 1\.30 yet\. The newest lines are 1\.28, 1\.27, 1\.26/],
    ['1.10', /too old\. The oldest .* is 1\.11/],
    ['1.17.0', /does not exist\. The first release of that line is called 1\.17/],
    ['2.0', /not a version of Go\. Allowed are stable/],
    ['latest', /not a version of Go/],
    ['1.17; rm', /not a version of Go/],
  ])('refuses %s', (asked, message) => {
    expect(() => resolveGo(asked, LISTED)).toThrow(ConfigurationError)
    expect(() => resolveGo(asked, LISTED)).toThrow(message)
  })
})

describe('needsReleaseList', () => {
  it('is true for names and lines, not for releases', () => {
    expect(['stable', 'oldstable', '1.26', '1.17.x'].map(needsReleaseList)).not.toContain(false)
    expect(['1.17', '1.17.13', '1.26.1'].map(needsReleaseList)).not.toContain(true)
  })
})
