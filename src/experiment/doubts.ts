import type { ThreadObservation } from '../watch/types.js'
import type { Examination } from './examine.js'

/** A reproducer's thread throws thousands of times in this, whatever else the machine does. */
const THROWS_STILL_MS = 3_000

/**
 * What speaks against a clean bill at the end of a run that nothing ended early, a sentence's part each: a thread that
 * stopped throwing, a suspicion that gdb could not look into.
 */
export function findDoubts(
  threads: readonly ThreadObservation[],
  lastLook: Examination | undefined,
): string[] {
  const stopped = threads
    .filter(({ throwsStillMs }) => throwsStillMs !== null && throwsStillMs >= THROWS_STILL_MS)
    .map(({ tid, throwsStillMs, counters }) => {
      const lost = counters !== null && counters.signals > counters.unwinds
      const seconds = ((throwsStillMs ?? 0) / 1000).toFixed(1)
      return `thread ${tid} had thrown nothing for ${seconds} s${lost ? ', and its last signal handler never came back' : ''}`
    })
  const unseen =
    lastLook !== undefined && lastLook.texts === null
      ? [
          `a thread looked stuck, and gdb could not look into it (${lastLook.process.unread.join('; ')})`,
        ]
      : []
  return [...stopped, ...unseen]
}
