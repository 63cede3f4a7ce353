import type { Mitigation } from '../mitigation/schema.js'
import type { Outcome } from '../result/schema.js'
import type { ExperimentDecision } from './experiment.js'

/** Outcomes that would say that the workaround held. */
const HELD: ReadonlySet<Outcome> = new Set<Outcome>(['clean', 'immune', 'exited'])

/**
 * What an experiment shows of a workaround. One that was not at work can't have held: a good outcome is then none. One that
 * this toolchain has no use for leaves the outcome as it is, since that is the toolchain's own.
 */
export function decideMitigated(
  decision: ExperimentDecision,
  mitigation: Mitigation | null,
): ExperimentDecision {
  if (mitigation === null) return decision
  const { state, evidence } = mitigation
  const { outcome, headline } = decision
  if (state === 'absent' && HELD.has(outcome))
    return {
      ...decision,
      outcome: 'inconclusive',
      headline: `The guard was not in force, so nothing is shown of it. ${evidence.join(' ')} Without it: ${headline}`,
    }
  if (state === 'in-force')
    return {
      ...decision,
      headline: `${HELD.has(outcome) ? 'With the guard in force' : 'Although the guard was in force'}: ${headline}`,
    }
  return decision
}
