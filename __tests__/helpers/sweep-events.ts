import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSweepLine } from '../../src/sweep/events.js'
import type { SweepEvent } from '../../src/sweep/events.js'
import { addToTrials } from '../../src/sweep/trial.js'
import type { Trials } from '../../src/sweep/trial.js'

const FOLDER = join(import.meta.dirname, '../fixtures/sweep/events')

/** The events of a recorded sweep; a line that is none fails the test. */
export function recordedEvents(name: string): SweepEvent[] {
  const lines = readFileSync(join(FOLDER, `${name}.jsonl`), 'utf8').split('\n')
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const event = parseSweepLine(line)
      if (event === null) throw new Error(`not an event: ${line.slice(0, 200)}`)
      return event
    })
}

/** A recorded sweep, process by process. */
export function recordedTrials(name: string): Trials {
  const trials: Trials = []
  for (const event of recordedEvents(name)) addToTrials(trials, event)
  return trials
}
