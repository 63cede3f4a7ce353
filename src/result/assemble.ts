import type { Diagnosis } from '../diagnosis/schema.js'
import type { Engine } from '../engine.js'
import type { Exposure } from '../exposure/schema.js'
import type { Inspection } from '../inspect/schema.js'
import type { Mitigation } from '../mitigation/schema.js'
import type { Sweep } from '../sweep/schema.js'
import type { Traceback } from '../traceback/schema.js'
import type { BuiltToolchain } from '../toolchain/types.js'
import type { Ending } from '../watch/types.js'
import type { Conclusion, Counts, EvidenceFile, Expect, Outcome, Result } from './schema.js'
import { recordThreads } from './threads.js'
import type { Watched } from './threads.js'

/** Everything that is known of a run once it is over. */
export interface RunFacts {
  readonly id: string
  readonly version: string
  readonly startedAt: Date
  readonly asked: Readonly<Record<string, string>>
  readonly engine: Pick<Engine, 'name' | 'version'>
  readonly image: string
  readonly toolchain: BuiltToolchain | null
  readonly inspection: Inspection | null
  readonly mitigation: Mitigation | null
  readonly experiment: Result['experiment']
  readonly decidedBy: Result['decidedBy']
  readonly sweep: Sweep | null
  readonly ending: Result['ending']
  readonly timeline: readonly { readonly atMs: number; readonly what: string }[]
  /** The natural run's threads */
  readonly watched: Watched | null
  readonly counts: Counts
  readonly traceback: Traceback | null
  readonly exposure: Exposure | null
  readonly outcome: Outcome
  readonly expect: Expect
  readonly conclusion: Conclusion
  readonly headline: string
  readonly diagnosis: Diagnosis | null
  readonly evidence: readonly EvidenceFile[]
  readonly warnings: readonly string[]
}

/** The record of a run as result.json keeps it. */
export function assembleResult(facts: RunFacts): Result {
  return {
    schemaVersion: 1,
    tool: { name: 'cgo-deadlock-action', version: facts.version },
    id: facts.id,
    startedAt: facts.startedAt.toISOString(),
    asked: { ...facts.asked },
    engine: { name: facts.engine.name, version: facts.engine.version },
    image: facts.image,
    toolchain: facts.toolchain === null ? null : copyToolchain(facts.toolchain),
    inspection: facts.inspection,
    mitigation: facts.mitigation,
    experiment: facts.experiment,
    decidedBy: facts.decidedBy,
    sweep: facts.sweep,
    ending: facts.ending,
    timeline: recordTimeline(facts.timeline),
    threads: facts.watched && recordThreads(facts.watched, ofThatRun(facts)),
    counts: facts.counts,
    traceback: facts.traceback,
    exposure: facts.exposure,
    outcome: facts.outcome,
    expect: facts.expect,
    conclusion: facts.conclusion,
    headline: facts.headline,
    diagnosis: facts.diagnosis,
    evidence: [...facts.evidence],
    warnings: [...facts.warnings],
    comparison: null,
  }
}

/** The threads that a sweep names are those of another process. */
function ofThatRun({ decidedBy, diagnosis }: RunFacts): Diagnosis | null {
  return decidedBy === 'natural' ? diagnosis : null
}

/** Why a run ended, as the record keeps it. */
export function recordEnding(ending: Ending): Result['ending'] {
  return {
    reason: ending.reason,
    atMs: Math.round(ending.atMs),
    sinceMs: sinceOf(ending),
    detail: describeEnding(ending),
  }
}

/** What happened when, in whole milliseconds. */
export function recordTimeline(timeline: RunFacts['timeline']): Result['timeline'] {
  return timeline.map(({ atMs, what }) => ({ atMs: Math.round(atMs), what }))
}

function sinceOf(ending: Ending): number | null {
  if (ending.reason === 'confirmed') return Math.round(ending.suspicion.sinceMs)
  return ending.reason === 'silent' ? Math.round(ending.atMs - ending.silentMs) : null
}

function copyToolchain(built: BuiltToolchain): NonNullable<Result['toolchain']> {
  return {
    ...built,
    unwinder: { ...built.unwinder },
    symbolizer: built.symbolizer === null ? null : { ...built.symbolizer },
  }
}

/** One sentence on why a run ended. */
export function describeEnding(ending: Ending): string {
  switch (ending.reason) {
    case 'silent':
      return `The program printed nothing for ${seconds(ending.silentMs)}.`
    case 'confirmed':
      return `${describeSuspicion(ending.suspicion)}, and a dump confirmed it.`
    case 'exited':
      return describeExit(ending)
    case 'duration':
      return `The time limit of the run was reached after ${seconds(ending.atMs)}.`
    case 'cancelled':
      return 'The run was cancelled.'
    case 'lost':
      return `The watch was lost: ${ending.detail}`
  }
}

function describeSuspicion(
  suspicion: Extract<Ending, { reason: 'confirmed' }>['suspicion'],
): string {
  const which = `thread${suspicion.tids.length === 1 ? '' : 's'} ${suspicion.tids.join(', ')}`
  const since = seconds(suspicion.atMs - suspicion.sinceMs)
  switch (suspicion.kind) {
    case 'stuck':
      return `From outside, ${which} had not moved for ${since}`
    case 'spinning':
      return `From outside, ${which} burnt CPU without getting on for ${since}`
    case 'terminated':
      return `From outside, ${which} was seen in std::terminate`
  }
}

function describeExit(ending: Extract<Ending, { reason: 'exited' }>): string {
  if (ending.oomKilled) return 'The program was ended by the kernel: it ran out of memory.'
  if (ending.signal !== null) return `The program was ended by ${ending.signal}.`
  return `The program ended by itself with exit code ${ending.code ?? 'unknown'}.`
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
