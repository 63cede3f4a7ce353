import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { proseParts } from '../../src/report/prose.js'
import { visibleBlock, visibleLine } from '../../src/report/visible.js'

/** Any code units, halves of surrogate pairs among them. */
const anyText = fc.uint16Array().map((units) => String.fromCharCode(...units))

const HIDDEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u

describe('visibleLine', () => {
  it('makes one line, without colours, and writes what hides as an escape', () => {
    expect(visibleLine('a\r\nb\tc')).toBe('a b c')
    expect(visibleLine('\u001b[31mred\u001b[0m')).toBe('red')
    expect(visibleLine('a\u202eb\u0007')).toBe('a\\u{202e}b\\u{7}')
    expect(visibleLine('half \ud83d')).toBe('half \\u{d83d}')
  })

  it('leaves letters and emoji of any language alone', () => {
    expect(visibleLine('👩‍💻 ünïcödé 漢字 עברית')).toBe('👩‍💻 ünïcödé 漢字 עברית')
  })

  it('cuts a long text, never inside a character', () => {
    expect(visibleLine('🔥'.repeat(50), 9)).toBe('🔥🔥🔥🔥…')
  })

  it('never lets anything hidden through, and never throws', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(visibleLine(text)).not.toMatch(HIDDEN)
        expect(visibleBlock(text).replace(/[\n\t]/g, '')).not.toMatch(HIDDEN)
        expect(visibleLine(text)).not.toMatch(/\p{Cs}/u)
      }),
    )
  })
})

describe('visibleBlock', () => {
  it('keeps lines and tabs', () => {
    expect(visibleBlock('a\r\n\tb\rc\0')).toBe('a\n\tb\\u{d}c\\u{0}')
  })
})

describe('proseParts', () => {
  const codes = (sentence: string): string[] =>
    proseParts(sentence)
      .filter((part) => part.code)
      .map((part) => part.text)

  it.each([
    ['It waits in __lll_lock_wait.', ['__lll_lock_wait']],
    ['at 0x7f6e2f3f3990, in std::terminate()', ['0x7f6e2f3f3990', 'std::terminate()']],
    ['(_rtld_global+2352)', ['_rtld_global+2352']],
    ['asks _dl_find_object@GLIBC_2.35: yes', ['_dl_find_object@GLIBC_2.35']],
    ['the lock’s owner, word=2; SIGPROF at 5.0 %', []],
    ['_ :: __ a', []],
    [
      'by @octocat, see https://evil.example/x_y or (www.evil.example)',
      ['@octocat', 'https://evil.example/x_y', 'www.evil.example'],
    ],
    ['a-b/c.go:12 x', []],
  ])('finds the identifiers of %j', (sentence, expected) => {
    expect(codes(sentence)).toEqual(expected)
  })

  it('loses nothing, in linear time', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parts = proseParts(text)
        expect(parts.map((part) => part.text).join('')).toBe(text)
      }),
    )
    const long = `${'_'.repeat(50_000)} ${'a:'.repeat(50_000)}`
    const start = performance.now()
    proseParts(long)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
