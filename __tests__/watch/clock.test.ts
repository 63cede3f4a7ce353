import { describe, expect, it } from 'vitest'
import { elapsed } from '../../src/watch/clock.js'

describe('elapsed', () => {
  it.each([
    ['no hold', [], 100, 400, 300],
    ['a hold before', [{ fromMs: 0, toMs: 50 }], 100, 400, 300],
    ['a hold within', [{ fromMs: 200, toMs: 250 }], 100, 400, 250],
    ['a hold over the start', [{ fromMs: 50, toMs: 150 }], 100, 400, 250],
    ['a hold over all of it', [{ fromMs: 0, toMs: 500 }], 100, 400, 0],
    ['a hold that lasts', [{ fromMs: 300, toMs: null }], 100, 400, 200],
    [
      'two holds',
      [
        { fromMs: 110, toMs: 120 },
        { fromMs: 200, toMs: 210 },
      ],
      100,
      400,
      280,
    ],
    ['an end before its start', [], 400, 100, 0],
  ])('leaves out %s', (_title, holds, from, to, expected) => {
    expect(elapsed(holds, from, to)).toBe(expected)
  })
})
