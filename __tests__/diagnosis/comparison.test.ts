import { describe, expect, it } from 'vitest'
import { compareSides, comparisonText, concludeComparison } from '../../src/diagnosis/comparison.js'
import type { ToldSide } from '../../src/diagnosis/comparison.js'
import type { ComparisonVerdict } from '../../src/comparison/schema.js'
import type { Outcome } from '../../src/result/schema.js'
import type { Traceback } from '../../src/traceback/schema.js'

function traceback(frames: number): Traceback {
  return { made: 100, frames, microseconds: 20, samples: 99, named: 99, names: ['spin_inner'] }
}

const SEES = traceback(500)
const BLIND = traceback(0)
const ONLY_THE_PC = traceback(100)

function side(outcome: Outcome, seen: Traceback | null = SEES): ToldSide {
  return { outcome, headline: `It was ${outcome}.`, sweep: null, traceback: seen }
}

describe('compareSides', () => {
  const cases: [base: ToldSide, head: ToldSide, verdict: ComparisonVerdict][] = [
    [side('deadlock'), side('immune'), 'fixed'],
    [side('livelock'), side('immune'), 'fixed'],
    [side('deadlock'), side('clean'), 'unclear'],
    [side('clean'), side('immune'), 'unclear'],
    [side('deadlock'), side('immune', BLIND), 'no-longer-unwinds'],
    [side('deadlock'), side('immune', ONLY_THE_PC), 'no-longer-unwinds'],
    [side('immune'), side('immune', BLIND), 'no-longer-unwinds'],
    [side('immune', BLIND), side('immune', BLIND), 'still-safe'],
    [side('deadlock', BLIND), side('immune', BLIND), 'unclear'],
    [side('deadlock'), side('immune', null), 'unclear'],
    [side('deadlock'), side('deadlock'), 'still-deadlocks'],
    [side('deadlock'), side('terminated', BLIND), 'still-deadlocks'],
    [side('immune'), side('deadlock'), 'newly-deadlocks'],
    [side('immune', BLIND), side('crash'), 'newly-deadlocks'],
    [side('immune'), side('immune'), 'still-safe'],
    [side('immune', null), side('immune', null), 'still-safe'],
    [side('inconclusive'), side('immune'), 'unclear'],
    [side('deadlock'), side('stalled'), 'unclear'],
    [side('exited'), side('deadlock'), 'unclear'],
  ]

  it.each(cases)('%o then %o', (base, head, verdict) => {
    expect(compareSides(base, head)).toBe(verdict)
  })

  it('says of what is unclear which side it was', () => {
    const [base, head] = [side('inconclusive'), side('immune')]
    const text = comparisonText('unclear', base, head, 'HEAD^1 (0123456789ab)')
    expect(text).toContain('Compared with HEAD^1 (0123456789ab)')
    expect(text).toContain('Before the change, without proof: It was inconclusive.')
    expect(text).not.toContain('With the change,')
  })
})

describe('concludeComparison', () => {
  it('fails only what the change made worse', () => {
    const of = (verdict: ComparisonVerdict): string => concludeComparison(verdict, 'no-deadlock')
    expect(['fixed', 'still-safe', 'still-deadlocks'].map((each) => of(each as never))).toEqual([
      'pass',
      'pass',
      'pass',
    ])
    expect(of('newly-deadlocks')).toBe('fail')
    expect(of('no-longer-unwinds')).toBe('fail')
    expect(of('unclear')).toBe('neither')
  })

  it('with expect: any passes all that is clear', () => {
    expect(concludeComparison('newly-deadlocks', 'any')).toBe('pass')
    expect(concludeComparison('unclear', 'any')).toBe('neither')
  })
})
