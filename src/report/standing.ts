import type { Diagnosis } from '../diagnosis/schema.js'

/** What a culprit does in the frame that it was found in. Victims always wait. */
export type Standing = 'waits' | 'runs' | 'crashed'

/** A culprit that turns round in a circle or is only busy waits for nothing, nor does one that crashed. */
export function standingOf(diagnosis: Pick<Diagnosis, 'class' | 'failure'>): Standing {
  if (diagnosis.failure === 'crash' || diagnosis.class === 'crash') return 'crashed'
  return diagnosis.failure === 'livelock' || diagnosis.class === 'busy' ? 'runs' : 'waits'
}
