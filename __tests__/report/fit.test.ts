import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit } from '../../src/report/fit.js'

const NOTE = '_shortened_'
const pieces = [
  { text: 'first', rank: 0 },
  { text: 'second '.repeat(9), rank: 2 },
  { text: 'third', rank: 1 },
]

describe('fit', () => {
  it('joins everything when there is room', () => {
    expect(fit(pieces, NOTE, 1000)).toEqual({
      text: `first\n\n${'second '.repeat(9).trimEnd()}\n\nthird\n`,
      cut: false,
    })
  })

  it('leaves out the highest rank first, and says so', () => {
    const room = Buffer.byteLength('first\n\nthird\n\n_shortened_\n')
    expect(fit(pieces, NOTE, room)).toEqual({
      text: 'first\n\nthird\n\n_shortened_\n',
      cut: true,
    })
    expect(fit(pieces, NOTE, room - 1).text).toBe('first\n\n_shortened_\n')
  })

  it('gives nothing when not even the note fits', () => {
    expect(fit(pieces, NOTE, 5)).toEqual({ text: '', cut: true })
    expect(fit(pieces, NOTE, -5)).toEqual({ text: '', cut: true })
  })

  it('counts UTF-8 bytes, keeps pieces whole and in order', () => {
    const chunk = fc.record({ text: fc.string({ unit: 'grapheme' }), rank: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(chunk), fc.nat(200), (chunks, limit) => {
        const { text } = fit(chunks, NOTE, limit)
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(Math.max(limit, 0))
        expect(text).not.toMatch(/\p{Cs}/u)
      }),
    )
  })
})
