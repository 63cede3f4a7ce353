import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { powerOf, upperBound } from '../../src/exposure/bound.js'

/** Chance of at most so many events, the plain way. */
function cumulative(events: number, trials: number, chance: number): number {
  let term = (1 - chance) ** trials
  let sum = term
  for (let count = 1; count <= events; count += 1) {
    term *= ((trials - count + 1) / count) * (chance / (1 - chance))
    sum += term
  }
  return sum
}

describe('the upper bound', () => {
  it('is what exact sums of the binomial’s terms give', () => {
    expect(upperBound(0, 10)).toBeCloseTo(1 - 0.05 ** 0.1, 9)
    expect(upperBound(1, 10)).toBeCloseTo(0.3941633, 6)
    expect(upperBound(3, 50)).toBeCloseTo(0.1478372, 6)
    expect(upperBound(1, 1000)).toBeCloseTo(0.004735, 6)
    expect(upperBound(0, 1)).toBeCloseTo(0.95, 9)
  })

  it('knows nothing without a trial, and excludes nothing when every trial was an event', () => {
    expect(upperBound(0, 0)).toBe(1)
    expect(upperBound(5, 5)).toBe(1)
    expect(upperBound(1, 1)).toBe(1)
  })

  it('comes to the rule of three as trials grow', () => {
    expect(upperBound(0, 1e6) * 1e6).toBeCloseTo(Math.log(20), 4)
    expect(upperBound(0, 1e12)).toBeGreaterThan(0)
    expect(upperBound(0, 1e12) * 1e12).toBeLessThan(3)
  })

  it('is the chance at which so few events are as likely as 5 %', () => {
    const events = fc.integer({ min: 0, max: 20 })
    const more = fc.integer({ min: 1, max: 500 })
    fc.assert(
      fc.property(events, more, (seen, rest) => {
        const bound = upperBound(seen, seen + rest)
        expect(bound).toBeGreaterThan(seen / (seen + rest))
        expect(cumulative(seen, seen + rest, bound)).toBeCloseTo(0.05, 6)
      }),
    )
  })
})

describe('the power', () => {
  it('is 0 without a trial, near 1 with many, and what it should be between', () => {
    expect(powerOf(0, 0.05)).toBe(0)
    expect(powerOf(1, 0.05)).toBeCloseTo(0.05, 12)
    expect(powerOf(2, 0.5)).toBeCloseTo(0.75, 12)
    expect(powerOf(1e6, 0.05)).toBe(1)
  })
})
