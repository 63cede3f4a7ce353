import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from '../../src/result/schema.js'
import { type DeadlyMap, Sweep } from '../../src/sweep/schema.js'
import { makeCleanResult, makeResult } from './result.js'

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'swept')

/** The sweep of a real result, as `cgo-deadlock run --experiment sweep` wrote it for the named cell. */
export function readSwept(name: 'deadlock-glibc-2.31' | 'immune-glibc-2.41'): Sweep {
  return Sweep.parse(JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')))
}

/** A result that rests on that sweep alone. */
export function makeSweptResult(sweep: Sweep, overrides: Partial<Result> = {}): Result {
  const make = sweep.failures.length === 0 ? makeCleanResult : makeResult
  return make({
    experiment: 'sweep',
    decidedBy: 'sweep',
    sweep,
    outcome: sweep.outcome,
    headline: sweep.headline,
    ending: {
      reason: 'swept',
      atMs: sweep.seconds * 1000,
      sinceMs: null,
      detail: sweep.headline,
    },
    timeline: [{ atMs: sweep.seconds * 1000, what: sweep.headline }],
    counts: {
      seconds: sweep.seconds,
      throws: null,
      signals: null,
      unwinds: null,
      exposures: null,
      outputLines: 28,
    },
    ...overrides,
  })
}

/**
 * A map made by hand, not measured: on the real way of Debian 11, nine instructions from the compare-and-swap on are
 * called deadly in each call of pthread_mutex_lock that is long enough.
 */
export function makeMap(sweep: Sweep): DeadlyMap {
  const [failure] = sweep.failures
  if (!failure?.at || sweep.way === null) throw new Error('the fixture has a failure')
  const { way } = sweep
  const { at, waiting, signal } = failure
  const windows: DeadlyMap['windows'] = []
  let step = 0
  for (const [length, , name] of way.stretches) {
    const from = step + 19
    step += length
    if (way.functions[name] !== 'pthread_mutex_lock' || length < 28) continue
    windows.push({
      from,
      to: from + 8,
      kinds: ['deadlock'],
      function: at.function,
      first: at,
      last: { ...at, offset: '0xa87a', functionOffset: 282 },
      locked: true,
      signals: [signal.name],
      stack: failure.stack,
      waiting,
      evidence: failure.evidence,
    })
  }
  const deadly = windows.flatMap(({ from, to }) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({
      step: from + index,
      kind: 'deadlock' as const,
      signal: signal.name,
      at,
    })),
  )
  return {
    decided: 10_637,
    of: 10_637,
    complete: true,
    deadly,
    windows,
    afterOthers: 0,
    shareOfInstructions: deadly.length / 10_637,
    time: {
      samples: 20_000,
      hits: 1086,
      share: 0.0543,
      low: 0.0512,
      high: 0.0575,
      hangsPerHour: 19_548,
      secondsToHang: 0.184,
    },
    processes: deadly.length + 1,
  }
}
