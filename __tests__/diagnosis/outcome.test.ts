import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import { conclude, decideOutcome, type OutcomeEvidence } from '../../src/diagnosis/outcome.js'
import type { Diagnosis } from '../../src/diagnosis/schema.js'
import { Outcome, type Expect } from '../../src/result/schema.js'
import { makeLock, makeProcess, makeThread } from '../helpers/process.js'
import { LOCK_WINDOW } from '../helpers/stacks.js'

const deadlock = diagnose(
  makeProcess({
    threads: [makeThread({ number: 5, stack: LOCK_WINDOW })],
    locks: [makeLock()],
  }),
)
const weak: Diagnosis = { ...deadlock, confidence: 'weak' }

function evidence(given: Partial<OutcomeEvidence> = {}): OutcomeEvidence {
  return {
    ending: { reason: 'duration', atMs: 30_000 },
    diagnosis: null,
    counts: {
      seconds: 30,
      throws: 2_134_567,
      signals: 2980,
      unwinds: 2979,
      exposures: 2700,
      outputLines: 30,
    },
    symbolizer: true,
    threadsRan: true,
    ...given,
  }
}

const NO_COUNTERS = {
  seconds: 30,
  throws: null,
  signals: null,
  unwinds: null,
  exposures: null,
  outputLines: 3,
}

describe('decideOutcome', () => {
  it('takes a proven deadlock over any ending, with its headline', () => {
    for (const ending of [
      { reason: 'silent', atMs: 12_000, silentMs: 10_000 },
      { reason: 'duration', atMs: 30_000 },
      { reason: 'lost', atMs: 3000, detail: 'the daemon went away' },
    ] as const) {
      const decided = decideOutcome(evidence({ ending, diagnosis: deadlock }))
      expect(decided).toMatchObject({ outcome: 'deadlock', headline: deadlock.headline })
    }
  })

  it('calls a silence without proof stalled, weak hints included', () => {
    const ending = { reason: 'silent', atMs: 12_000, silentMs: 10_000 } as const
    expect(decideOutcome(evidence({ ending })).outcome).toBe('stalled')
    const hinted = decideOutcome(evidence({ ending, diagnosis: weak }))
    expect(hinted.outcome).toBe('stalled')
    expect(hinted.headline).toBe('The program printed nothing for 10 s, but no deadlock is proven.')
    expect(hinted.reasons.join(' ')).toContain('only hints')
  })

  it('says over how many throws, signals and seconds a run was clean, and the bound', () => {
    const decided = decideOutcome(evidence())
    expect(decided.outcome).toBe('clean')
    expect(decided.headline).toBe(
      'No deadlock in 30 s over 2,134,567 C++ exceptions, 2,980 signals and 2,979 unwinds from a handler: with 95 % confidence fewer than 1 in 901 signals during a throw would hang.',
    )
    expect(decided.reasons.join(' ')).toContain('fewer than 1 in 901')
  })

  it.each([
    ['no throws', { throws: 0 }, 'no C++ exception was thrown'],
    ['no signals', { signals: 0 }, 'no signal reached the traceback'],
    ['no unwinds', { unwinds: 0 }, 'no handler finished a traceback'],
  ])('is inconclusive with %s, and says so', (_, counts, missing) => {
    const decided = decideOutcome(evidence({ counts: { ...evidence().counts, ...counts } }))
    expect(decided.outcome).toBe('inconclusive')
    expect(decided.headline).toContain(missing)
  })

  it('needs no signals where no symbolizer is linked in', () => {
    const counts = { ...evidence().counts, signals: 0, unwinds: 0, exposures: 0 }
    expect(decideOutcome(evidence({ counts, symbolizer: false })).outcome).toBe('clean')
  })

  it('judges a program without counters by its running threads', () => {
    expect(decideOutcome(evidence({ counts: NO_COUNTERS })).outcome).toBe('clean')
    const dead = decideOutcome(evidence({ counts: NO_COUNTERS, threadsRan: false }))
    expect(dead.outcome).toBe('inconclusive')
  })

  it.each([
    [{ code: 0, signal: null, oomKilled: false }, 'exited'],
    [{ code: 2, signal: null, oomKilled: false }, 'exited'],
    [{ code: null, signal: 'SIGSEGV', oomKilled: false }, 'crash'],
    [{ code: 139, signal: null, oomKilled: false }, 'crash'],
    [{ code: 137, signal: null, oomKilled: true }, 'inconclusive'],
    [{ code: 137, signal: null, oomKilled: false }, 'inconclusive'],
  ])('an exit with %o is %s', (exit, outcome) => {
    const ending = { reason: 'exited', atMs: 1500, ...exit } as const
    expect(decideOutcome(evidence({ ending })).outcome).toBe(outcome)
  })

  it('is inconclusive when the watch was lost, cancelled when cancelled', () => {
    const lost = { reason: 'lost', atMs: 3000, detail: 'the sampler was killed twice' } as const
    expect(decideOutcome(evidence({ ending: lost })).outcome).toBe('inconclusive')
    const cancelled = { reason: 'cancelled', atMs: 3000 } as const
    expect(decideOutcome(evidence({ ending: cancelled })).outcome).toBe('cancelled')
  })
})

/** The table of the contract: what each outcome is worth for expect no-deadlock, deadlock, any. */
const TABLE: Record<Outcome, readonly [string, string, string]> = {
  deadlock: ['fail', 'pass', 'pass'],
  livelock: ['fail', 'pass', 'pass'],
  crash: ['fail', 'fail', 'pass'],
  terminated: ['fail', 'fail', 'pass'],
  stalled: ['fail', 'fail', 'pass'],
  clean: ['pass', 'fail', 'pass'],
  immune: ['pass', 'fail', 'pass'],
  exited: ['fail', 'fail', 'pass'],
  inconclusive: ['neither', 'neither', 'neither'],
  cancelled: ['neither', 'neither', 'neither'],
}

describe('conclude', () => {
  const expects: readonly Expect[] = ['no-deadlock', 'deadlock', 'any']

  it.each(Outcome.options)('%s', (outcome) => {
    const facts = { class: 'unknown', exitCode: 1 } as const
    expect(expects.map((expected) => conclude(outcome, expected, facts))).toEqual(TABLE[outcome])
  })

  it('passes an expected crash only for signal re-entrancy', () => {
    const facts = { class: 'signal-reentrancy', exitCode: null } as const
    expect(conclude('crash', 'deadlock', facts)).toBe('pass')
    expect(conclude('terminated', 'deadlock', facts)).toBe('pass')
  })

  it('passes an exit with 0 where no deadlock is expected', () => {
    const facts = { class: null, exitCode: 0 }
    expect(expects.map((expected) => conclude('exited', expected, facts))).toEqual([
      'pass',
      'fail',
      'pass',
    ])
  })
})
