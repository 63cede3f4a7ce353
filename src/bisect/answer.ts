import type { Outcome, Result } from '../result/schema.js'
import type { Answer } from './search.js'

const ANSWERS: Readonly<Record<Exclude<Outcome, 'exited'>, Answer>> = {
  deadlock: 'bad',
  livelock: 'bad',
  crash: 'bad',
  terminated: 'bad',
  clean: 'good',
  immune: 'good',
  stalled: 'untestable',
  inconclusive: 'untestable',
  cancelled: 'untestable',
}

/**
 * What a run that expected no deadlock says of its point. A fault is bad and a proof good. What proves neither, such as
 * a silence without a deadlock or a handler that never unwound, says nothing, and the search goes round that point.
 */
export function answerOf({ outcome, conclusion }: Pick<Result, 'outcome' | 'conclusion'>): Answer {
  if (outcome !== 'exited') return ANSWERS[outcome]
  return conclusion === 'pass' ? 'good' : 'untestable'
}
