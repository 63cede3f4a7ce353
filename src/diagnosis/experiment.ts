import type { Outcome, Result } from '../result/schema.js'
import type { Sweep } from '../sweep/schema.js'
import type { OutcomeDecision } from './outcome.js'
import type { Diagnosis } from './schema.js'

/** What the whole experiment shows, and which part of it that rests on. */
export interface ExperimentDecision {
  readonly outcome: Outcome
  readonly headline: string
  readonly decidedBy: Result['decidedBy']
}

/** A natural run that ended so has found what a sweep of one function can't. */
const FOUND: ReadonlySet<Outcome> = new Set<Outcome>([
  'deadlock',
  'livelock',
  'crash',
  'terminated',
  'stalled',
  'exited',
  'cancelled',
])

/**
 * What a sweep and a natural run show together. A sweep's fault decides. So does its proof, unless the run that followed
 * came to a fault of its own, or ended. A sweep that proves nothing leaves it to the run, where there was one.
 * @param seen what gdb made of the process that the sweep left hanging: when that is fine, nothing is proven
 */
export function decideExperiment(
  sweep: Sweep | null,
  natural: OutcomeDecision | null,
  seen: { readonly diagnosed: Diagnosis | null },
): ExperimentDecision {
  const swept =
    sweep === null ? null : { ...decideSweep(sweep, seen.diagnosed), decidedBy: 'sweep' as const }
  const run = natural === null ? null : { ...natural, decidedBy: 'natural' as const }
  if (swept === null && run === null) throw new Error('an experiment has a sweep or a natural run')
  if (swept === null || run === null) return pick(swept ?? run)
  if (swept.outcome === 'inconclusive') return pick(run)
  return pick(FOUND.has(run.outcome) ? run : swept)
}

function pick(part: ExperimentDecision | null): ExperimentDecision {
  if (part === null) throw new Error('an experiment has a sweep or a natural run')
  const { outcome, headline, decidedBy } = part
  return { outcome, headline, decidedBy }
}

/**
 * Does the program also run by itself? A sweep that found a fault has said all; one that found none is joined by a run,
 * which may find others.
 */
export function needsNatural(experiment: Result['experiment'], sweep: Sweep | null): boolean {
  if (experiment !== 'both') return experiment === 'natural'
  return sweep?.outcome === 'immune' || sweep?.outcome === 'inconclusive'
}

function decideSweep(
  sweep: Sweep,
  diagnosed: Diagnosis | null,
): { readonly outcome: Outcome; readonly headline: string } {
  if (diagnosed !== null && contradicts(sweep, diagnosed))
    return {
      outcome: 'inconclusive',
      headline: `The sweep proves nothing: a thread did not come back in time, but it is not stuck (${diagnosed.headline})`,
    }
  return { outcome: sweep.outcome, headline: sweep.headline }
}

/** gdb finds the process well. A thread that runs in a circle is, for gdb, one that works. */
function contradicts({ outcome }: Sweep, { failure, class: kind }: Diagnosis): boolean {
  if (failure !== 'none') return false
  return outcome === 'deadlock' || (outcome === 'livelock' && kind !== 'busy')
}
