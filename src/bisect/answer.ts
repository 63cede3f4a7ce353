import { faultOf } from '../result/fault.js'
import type { Result } from '../result/schema.js'
import type { Answer } from './search.js'

const ANSWERS = { fault: 'bad', none: 'good', open: 'untestable' } as const

/**
 * What a run that expected no deadlock says of its point. A fault is bad and a proof good. What proves neither, such as
 * a silence without a deadlock or a handler that never unwound, says nothing, and the search goes round that point.
 */
export function answerOf({ outcome, conclusion }: Pick<Result, 'outcome' | 'conclusion'>): Answer {
  if (outcome === 'exited' && conclusion === 'pass') return 'good'
  return ANSWERS[faultOf(outcome)]
}
