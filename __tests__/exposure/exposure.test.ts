import { describe, expect, it } from 'vitest'
import { judgeExposures } from '../../src/exposure/exposure.js'
import { boundText, exposureSentences, percent } from '../../src/exposure/words.js'

describe('what a run without a fault proves', () => {
  it('is nothing where nothing was counted', () => {
    expect(judgeExposures({ exposures: null, signals: null })).toBeNull()
    expect(judgeExposures({ exposures: 0, signals: 0 })).toBeNull()
    expect(judgeExposures({ exposures: 0, signals: 500 })).toBeNull()
  })

  it('is counted in exposures, else in signals, and named so', () => {
    expect(judgeExposures({ exposures: 480, signals: 500 })).toMatchObject({
      of: 'exposures',
      trials: 480,
    })
    const signals = judgeExposures({ exposures: null, signals: 500 })
    expect(signals).toMatchObject({ of: 'signals', trials: 500 })
    expect(exposureSentences(signals!)[0]).toContain('whether during a throw or not')
  })

  it('is a bound, what that is in an hour, and the power against the rate of Debian 11', () => {
    const exposure = judgeExposures({ exposures: 2997, signals: 3000 })!
    expect(exposure.upperBound).toBeCloseTo(0.000999, 6)
    expect(exposure.hangsPerHour).toBeCloseTo(359.7, 1)
    expect(exposure.knownChance).toBeCloseTo(0.0543, 9)
    const sentences = exposureSentences(exposure).join(' ')
    expect(sentences).toContain('fewer than 1 in 1,000 signals during a throw would hang')
    expect(sentences).toContain('fewer than 360 times an hour')
    expect(sentences).toContain('5.4 % of them hang')
    expect(sentences).toContain('more than 99.99 %')
  })

  it('is honest about a run that was too short', () => {
    const exposure = judgeExposures({ exposures: 2, signals: 2 })!
    expect(boundText(exposure)).toContain('too few')
    expect(exposure.power).toBeCloseTo(1 - 0.9457 ** 2, 9)
  })

  it.each([
    [0.000123, '0.012 %'],
    [0.0543, '5.4 %'],
    [0.5, '50.00 %'],
    [0.99999999, 'more than 99.99 %'],
    [0, '0.0 %'],
  ])('%d is written as %s', (chance, text) => {
    expect(percent(chance)).toBe(text)
  })
})
