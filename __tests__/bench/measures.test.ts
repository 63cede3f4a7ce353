import { describe, expect, it } from 'vitest'
import { describe as describeCold } from '../../bench/cold.js'
import { hangOf } from '../../bench/hangs.js'
import { describe as describeSweep } from '../../bench/sweep.js'
import { describe as describeVerdict } from '../../bench/verdict.js'
import { describe as describeWarm } from '../../bench/warm.js'
import { describe as describeWatch, readRates } from '../../bench/watch.js'
import type { Rates } from '../../bench/watch.js'

const HANG = { sinceMs: 600, suspectedMs: 1200, verdictMs: 1600 }

describe('a hang', () => {
  it('has its times from the suspicion and from the ending', () => {
    const suspicion = { kind: 'stuck', pid: 7, tids: [9], sinceMs: 600, atMs: 1200 } as const
    expect(hangOf({ reason: 'confirmed', atMs: 1600, suspicion })).toEqual(HANG)
  })

  it('has no verdict when nothing was confirmed, however the run ended', () => {
    expect(hangOf({ reason: 'silent', atMs: 12_000, silentMs: 10_000 }).verdictMs).toBe(Infinity)
  })
})

describe('the verdict', () => {
  it('meets its goal at 3 s and not beyond', () => {
    const at = (verdictMs: number): boolean | null | undefined =>
      describeVerdict([{ ...HANG, verdictMs }]).rows[0]?.met
    expect(at(3000)).toBe(true)
    expect(at(3001)).toBe(false)
  })

  it('counts a run without a verdict as the worst there is', () => {
    const never = { sinceMs: Infinity, suspectedMs: Infinity, verdictMs: Infinity }
    const { rows, notes } = describeVerdict([HANG, HANG, never])
    expect(rows.map(({ ours }) => ours)).toEqual(['1.60 s', 'never', '1.00 s'])
    expect(notes[0]).toContain('2 of 3')
    expect(describeVerdict([HANG, never, never]).rows[0]).toMatchObject({ met: false })
  })

  it('says how much of the time is the bug’s own', () => {
    expect(describeVerdict([HANG]).notes[1]).toContain('37.5 %')
  })
})

describe('the watch', () => {
  const OUTPUT = [
    '[   0.010] Loop #1 throws=0 signals=0 unwinds=0 exposures=0',
    '[   2.900] Loop #2 throws=100 signals=9 unwinds=9 exposures=9',
    '[   3.000] Loop #3 throws=600000 signals=20 unwinds=20 exposures=20',
    'Loop #4 throws=1 that another program printed in the same breath',
    '[  15.000] Loop #5 throws=3000000 signals=99 unwinds=99 exposures=99',
  ].join('\n')

  it('takes the last count over the program’s own time, and what lies between two lines', () => {
    expect(readRates(OUTPUT)).toEqual({ whole: 200_000, settled: 200_000 })
    expect(readRates(OUTPUT.replace('=3000000', '=6000000'))).toEqual({
      whole: 400_000,
      settled: 450_000,
    })
  })

  it('takes no program without counts for one that throws nothing', () => {
    expect(() => readRates('hello\n')).toThrow('too few counts')
    expect(() => readRates(OUTPUT.slice(0, 200))).toThrow('too few counts')
  })

  it('may cost one throw of a hundred over the whole run', () => {
    const rates = (rate: number): Rates => ({ whole: rate, settled: rate })
    const met = (ours: number): boolean | null | undefined =>
      describeWatch([{ ours: rates(ours), beside: rates(100_000) }]).rows[0]?.met
    expect(met(99_000)).toBe(true)
    expect(met(98_900)).toBe(false)
  })
})

describe('the builds', () => {
  it('meet the cold goal by the ratio, and the warm one by the clock', () => {
    const pair = { ours: 9000, beside: 8000 }
    expect(describeCold([pair]).rows[0]).toMatchObject({ ratio: '1.13', met: false })
    expect(describeWarm([pair]).rows[0]).toMatchObject({ ratio: '1.13', met: true })
    expect(describeCold([{ ours: 8000, beside: 8000 }]).rows[0]?.met).toBe(true)
    expect(describeWarm([{ ours: 10_001, beside: 8000 }]).rows[0]?.met).toBe(false)
  })
})

describe('the sweep', () => {
  const hung = { outcome: 'deadlock', step: 256, verdictMs: 1200 }
  const immune = { outcome: 'immune', step: null, verdictMs: 9000 }
  const pace = { plainNs: 100e6, denseNs: 400e6, signals: 9083 }

  it('has a goal for either verdict and for the cost of a signal', () => {
    const { rows, notes } = describeSweep([hung], [immune], [pace])
    expect(rows.map(({ met }) => met)).toEqual([true, true, true])
    expect(rows[2]).toMatchObject({ ours: '0.40 s', ratio: '4.00' })
    expect(notes[0]).toContain('1 of 1 sweeps of the vulnerable cell were deadlocks, at step 256')
    expect(notes[1]).toContain('22,708')
  })

  it('counts another outcome as a verdict that never came', () => {
    const other = { outcome: 'inconclusive', step: null, verdictMs: 100 }
    const { rows } = describeSweep([other], [other], [{ ...pace, denseNs: 900e6 }])
    expect(rows.map(({ met }) => met)).toEqual([false, false, false])
    expect(rows[0]?.ours).toBe('never')
  })
})
