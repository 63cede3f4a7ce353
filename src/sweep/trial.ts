import { makeAtlas, readAtlas } from './place.js'
import type { Atlas } from './place.js'
import type { EndReason, PassageEvent, SweepEvent } from './events.js'

/** What was done with one process, as far as it was told. */
export interface Trial {
  readonly atlas: Atlas
  readonly passages: PassageEvent[]
  ready: Extract<SweepEvent, { event: 'ready' }> | null
  end: { readonly reason: EndReason; readonly detail: string | null } | null
}

/** The processes of one call of the sweep, in their order. */
export type Trials = Trial[]

/** Adds an event to the process that is under way; the first one after an end is of the next. */
export function addToTrials(trials: Trials, event: SweepEvent): Trial {
  let trial = trials.at(-1)
  if (trial === undefined || trial.end !== null) {
    trial = { atlas: makeAtlas(), passages: [], ready: null, end: null }
    trials.push(trial)
  }
  readAtlas(trial.atlas, event)
  if (event.event === 'ready') trial.ready = event
  if (event.event === 'passage') trial.passages.push(event)
  if (event.event === 'end') trial.end = { reason: event.reason, detail: event.detail }
  return trial
}

/** The passage that failed, if one did. */
export function failedPassage(trial: Trial): PassageEvent | null {
  return trial.passages.find(({ failure }) => failure !== null) ?? null
}
