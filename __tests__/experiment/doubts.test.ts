import { describe, expect, it } from 'vitest'
import { decideOutcome } from '../../src/diagnosis/outcome.js'
import { findDoubts } from '../../src/experiment/doubts.js'
import type { ThreadObservation } from '../../src/watch/types.js'

function observe(throwsStillMs: number | null, signals = 5, unwinds = 5): ThreadObservation {
  return {
    pid: 7,
    tid: 9,
    name: 'program',
    state: null,
    futex: null,
    futexFile: null,
    pc: null,
    pcFile: null,
    blocked: null,
    stillMs: 0,
    cpuMs: 1,
    ran: true,
    cpuShare: 1,
    pcSamples: [],
    counters: throwsStillMs === null ? null : { tid: 9, throws: 9, signals, unwinds, exposures: 1 },
    throwsStillMs,
  }
}

describe('findDoubts', () => {
  it('has none about threads that throw, or never did', () => {
    expect(findDoubts([observe(100), observe(null)], undefined)).toEqual([])
  })

  it('names a thread that stopped throwing, and that its handler never came back', () => {
    expect(findDoubts([observe(36_000, 165, 164)], undefined)).toEqual([
      'thread 9 had thrown nothing for 36.0 s, and its last signal handler never came back',
    ])
  })
})

it('a run with doubts is never clean, however many throws it had', () => {
  const evidence = {
    ending: { reason: 'duration', atMs: 30_000 },
    diagnosis: null,
    counts: {
      seconds: 30,
      throws: 9e6,
      signals: 165,
      unwinds: 164,
      exposures: 164,
      outputLines: 9,
    },
    symbolizer: true,
    threadsRan: true,
  } as const
  expect(decideOutcome(evidence).outcome).toBe('clean')
  expect(decideOutcome({ ...evidence, doubts: ['thread 9 stopped'] }).outcome).toBe('stalled')
})
