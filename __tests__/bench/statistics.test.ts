import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, spread, uncertainty, worst } from '../../bench/statistics.js'

const SERIES = fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 1 })

describe('median', () => {
  it('is the middle of an odd number, in whatever order they come', () => {
    expect(median([3, 1, 2])).toBe(2)
  })

  it('is half way between the two in the middle of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('sorts numbers as numbers', () => {
    expect(median([9, 10, 100])).toBe(10)
  })

  it('passes over a few runs that never got there, but not over most', () => {
    expect(median([1, 2, Infinity])).toBe(2)
    expect(median([1, Infinity, Infinity])).toBe(Infinity)
    expect(median([1, 2, Infinity, Infinity])).toBe(Infinity)
  })

  it('leaves the series as it was', () => {
    const series = [3, 1, 2]
    median(series)
    expect(series).toEqual([3, 1, 2])
  })

  it('has as many values on one side as on the other', () => {
    fc.assert(
      fc.property(SERIES, (values) => {
        const middle = median(values)
        const below = values.filter((value) => value < middle).length
        const above = values.filter((value) => value > middle).length
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2)
      }),
    )
  })

  it('refuses an empty series', () => {
    expect(() => median([])).toThrow('at least one value')
  })
})

describe('worst', () => {
  it('is the largest, and Infinity where one never got there', () => {
    expect(worst([1, 30, 4])).toBe(30)
    expect(worst([1, Infinity])).toBe(Infinity)
  })
})

describe('spread', () => {
  it('is the distance between the ends as a share of the median', () => {
    expect(spread([98, 100, 102])).toBeCloseTo(0.04)
    expect(spread([100, 100])).toBe(0)
  })

  it('does not depend on the unit', () => {
    fc.assert(
      fc.property(SERIES, fc.integer({ min: 2, max: 1000 }), (values, factor) => {
        expect(spread(values.map((value) => value * factor))).toBeCloseTo(spread(values), 6)
      }),
    )
  })
})

describe('uncertainty', () => {
  it('shrinks with the root of the number of values', () => {
    expect(uncertainty([0.9, 1, 1, 1.1])).toBeCloseTo(0.05)
    expect(
      uncertainty([0.9, 0.9, 0.9, 0.9, 1, 1, 1, 1, 1, 1, 1, 1, 1.1, 1.1, 1.1, 1.1]),
    ).toBeCloseTo(0.025)
  })
})
