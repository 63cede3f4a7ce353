import { needsNatural } from '../diagnosis/experiment.js'
import type { Result } from '../result/schema.js'
import { count, countOf } from '../sweep/words.js'

/** Did the program also run by itself? */
export function ranByItself({ experiment, sweep }: Pick<Result, 'experiment' | 'sweep'>): boolean {
  return needsNatural(experiment, sweep)
}

/** Which part of the experiment the outcome rests on, and what the other one showed; null without a sweep. */
export function decisionSentence(
  result: Pick<Result, 'experiment' | 'decidedBy' | 'sweep' | 'counts'>,
): string | null {
  const { sweep, decidedBy, experiment } = result
  if (sweep === null || sweep.outcome === 'cancelled') return null
  if (decidedBy === 'natural') {
    const other = sweep.outcome === 'immune' ? 'The sweep before it found no fault. ' : ''
    return `The outcome rests on the run by itself. ${other}${sweep.headline}`
  }
  if (ranByItself(result))
    return `The outcome rests on the sweep. The run by itself that followed found no fault in ${result.counts.seconds.toFixed(1)} s${countedText(result.counts)}.`
  return experiment === 'both'
    ? 'The outcome rests on the sweep; no run by itself followed.'
    : 'The outcome rests on the sweep alone.'
}

function countedText({ throws, signals }: Result['counts']): string {
  const parts = [
    ...(throws === null ? [] : [countOf(throws, 'throw')]),
    ...(signals === null ? [] : [`${count(signals)} signals`]),
  ]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}
