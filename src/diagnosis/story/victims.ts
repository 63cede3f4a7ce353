import type { Thread } from '../../gdb/types.js'
import { isNamed, ITERATES_LIBRARIES, plainName } from '../frame-names.js'
import type { Diagnosis } from '../schema.js'
import type { Scene } from '../scene.js'
import { realFrames } from '../stack.js'
import { isLockWait } from '../waiting.js'
import { capital, framesOf, threadList } from '../words.js'

/** The sentence about those who are stuck but did nothing wrong; none when there are none. */
export function victimSentences(scene: Scene, victims: readonly Thread[]): Diagnosis['story'] {
  const first = victims.find((thread) => isStuckOnLock(scene, thread)) ?? victims[0]
  if (first === undefined) return []
  const waiting = scene.byThread.get(first)
  const caller = realFrames(first)
    .slice((waiting?.index ?? -1) + 1)
    .find((frame) => plainName(frame) !== null && !isNamed(frame, ITERATES_LIBRARIES))
  const many = victims.length > 1
  return [
    {
      text: `${capital(threadList(victims))} ${many ? 'are' : 'is'} stuck behind it: ${many ? 'victims' : 'a victim'}, not the cause.`,
      rests: framesOf(first, [waiting?.frame, caller]),
    },
  ]
}

/** Shown first: one that waits for a lock says more than one that waits for another victim's end. */
function isStuckOnLock(scene: Scene, thread: Thread): boolean {
  const waiting = scene.byThread.get(thread)
  return waiting !== undefined && isLockWait(waiting)
}
