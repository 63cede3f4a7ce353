import { faultOf } from '../result/fault.js'
import type { Outcome } from '../result/schema.js'
import type { Inspection } from './schema.js'

/** What a run says of the prediction. */
export type Agreement = 'agrees' | 'disagrees' | 'undecided'

/**
 * Whether a run bears out what was predicted. A fault of another class says nothing of it, nor does a run that found
 * nothing out.
 * @param faultClass class of the run's diagnosis
 */
export function compareWithRun(
  { verdict }: Pick<Inspection, 'verdict'>,
  run: { readonly outcome: Outcome; readonly faultClass: string | null },
): Agreement {
  const fault = faultOf(run.outcome)
  const hung = fault === 'fault' && run.faultClass === 'signal-reentrancy'
  const held = fault === 'none'
  if (verdict === 'unknown' || !(hung || held)) return 'undecided'
  return hung === (verdict === 'vulnerable') ? 'agrees' : 'disagrees'
}

type Run = Parameters<typeof compareWithRun>[1]

/** In a few words: `vulnerable, and the run agrees`. */
export function predictionText(inspection: Pick<Inspection, 'verdict'>, run: Run): string {
  const said = {
    agrees: 'and the run agrees',
    disagrees: 'but the run disagrees',
    undecided: 'which the run does not decide',
  }
  return `${inspection.verdict}, ${said[compareWithRun(inspection, run)]}`
}

/** A finding of its own; null where there is none. */
export function disagreementText(
  inspection: Pick<Inspection, 'verdict' | 'headline'>,
  run: Run,
): string | null {
  if (compareWithRun(inspection, run) !== 'disagrees') return null
  return (
    `From its files the program was predicted to be ${inspection.verdict}, but the outcome of the run is ${run.outcome}. ` +
    (inspection.verdict === 'vulnerable'
      ? 'Either the run was too short to meet the moment, or the prediction is wrong. '
      : 'The prediction is wrong, which is worth a report. ') +
    `It rests on this: ${inspection.headline}`
  )
}
