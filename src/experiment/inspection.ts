import type { Host } from '../container/containers.js'
import type { Diagnosis } from '../diagnosis/schema.js'
import { errorMessage } from '../errors.js'
import { inspectImage } from '../inspect/inspect.js'
import { disagreementText } from '../inspect/prediction.js'
import type { Inspection } from '../inspect/schema.js'
import type { Logger } from '../log.js'
import type { Outcome } from '../result/schema.js'
import type { RunPlan } from './plan.js'

/**
 * What the files of the image say before it runs.
 * @returns null where that can't be told, such as for a script; it never fails the run
 */
export async function predict(
  image: string,
  plan: Pick<RunPlan, 'command' | 'runOptions'>,
  host: Host,
  deps: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<Inspection | null> {
  // Another entry point than the image's own may be anything.
  if (plan.runOptions.some((option) => option.startsWith('--entrypoint'))) return null
  try {
    return await inspectImage({ image, command: plan.command }, host, deps.signal)
  } catch (thrown) {
    deps.signal.throwIfAborted()
    deps.log.debug(`No prediction: ${errorMessage(thrown)}`)
    return null
  }
}

/** The finding, if any, that a run came out otherwise than predicted. */
export function findDisagreement(
  inspection: Inspection | null,
  outcome: Outcome,
  diagnosis: Pick<Diagnosis, 'class'> | null,
): string[] {
  if (inspection === null) return []
  const text = disagreementText(inspection, { outcome, faultClass: diagnosis?.class ?? null })
  return text === null ? [] : [text]
}
