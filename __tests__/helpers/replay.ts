import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ending, Suspicion } from '../../src/watch/types.js'
import { startWatch, stepWatch, summarizeWatch } from '../../src/watch/watch.js'
import type { WatchEvent, WatchSettings, WatchSummary } from '../../src/watch/watch.js'

const FOLDER = join(import.meta.dirname, '../fixtures/watch')

/** A recorded run. */
export function readRun(name: string): WatchEvent[] {
  return readFileSync(join(FOLDER, `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as WatchEvent)
}

export interface Replay {
  readonly requests: readonly Suspicion[]
  readonly ending: Ending | null
  readonly summary: WatchSummary
}

/**
 * Feeds a recorded run to the watch. Each dump that it asks for is said to be done at once, taking no time off the
 * recording, and to confirm or not.
 */
export function replay(
  events: readonly WatchEvent[],
  settings: Partial<WatchSettings> = {},
  confirm: (suspicion: Suspicion) => boolean = () => false,
): Replay {
  const state = startWatch({ durationMs: 600_000, stallTimeoutMs: 0, ...settings })
  const requests: Suspicion[] = []
  let ending: Ending | null = null
  for (const event of events) {
    const step = stepWatch(state, event)
    ending ??= step.ending
    if (step.request === null) continue
    requests.push(step.request)
    const confirmed = confirm(step.request)
    const done = stepWatch(state, { atMs: event.atMs, type: 'dump-finished', confirmed })
    ending ??= done.ending
  }
  return { requests, ending, summary: summarizeWatch(state) }
}
