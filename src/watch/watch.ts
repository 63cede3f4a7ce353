import { elapsed } from './clock.js'
import type { Hold } from './clock.js'
import { findSuspect, isUndecided, postponeLooks } from './suspicion.js'
import type { Cause, Look } from './suspicion.js'
import { emptyHistory, updateHistory } from './history.js'
import type { History, ThreadHistory } from './history.js'
import { hear, isWatched, lose, lossOf, NOT_YET } from './presence.js'
import type { Presence } from './presence.js'
import { describeEnding, describeSuspicion } from './moments.js'
import { observeAll, totalCounters } from './observe.js'
import { emptyTable, updateTable } from './threads.js'
import type { CounterTotals, ProcessTrack, ThreadTable } from './threads.js'
import type { Ending, Moment, SamplerEvent, Suspicion, ThreadObservation } from './types.js'

/** After a dump that found nothing passes this for each such dump so far, and this many times what it took. */
const REST_MS = 1000
const REST_SHARE = 4
const REST_MAX_MS = 10_000
const MOMENTS_MAX = 200

export interface WatchSettings {
  readonly durationMs: number
  /** Silence that ends the run; 0: none does */
  readonly stallTimeoutMs: number
  /** How long a thread must wait unmoved for one lock before a dump is asked for; 1000 when not given */
  readonly suspicionMs?: number
}

/** What the watch is told. `atMs`: milliseconds since the target's start on the monotonic clock, never falling. */
export type WatchEvent = { readonly atMs: number } & (
  | { readonly type: 'output'; readonly bytes: number; readonly lines: number }
  | { readonly type: 'sampler'; readonly event: SamplerEvent }
  | { readonly type: 'sampler-lost'; readonly detail: string }
  | {
      readonly type: 'exited'
      readonly code: number | null
      readonly signal: string | null
      readonly oomKilled: boolean
    }
  /** Nothing more will be heard of the target */
  | { readonly type: 'lost'; readonly detail: string }
  /** Nothing happened: needed a few times a second, for the limits of time */
  | { readonly type: 'clock' }
  | { readonly type: 'cancelled' }
  /** The debugger attaches: the processes stand still from now on */
  | { readonly type: 'dump-started' }
  /** They run again. Told also, unconfirmed, of a dump that could not be made */
  | { readonly type: 'dump-finished'; readonly confirmed: boolean }
)

/** Everything the watch knows; made by startWatch and changed by stepWatch alone. */
export interface WatchState {
  readonly settings: Required<WatchSettings>
  readonly table: ThreadTable
  readonly history: History
  holds: Hold[]
  looks: Map<string, Look>
  /** The dump asked for, until it is finished */
  asked: { readonly suspicion: Suspicion; readonly causes: readonly Cause[] } | null
  restUntilMs: number
  /** From the sampler's clock to ours: the least difference seen, since news can only come late */
  clockOffsetMs: number | null
  sampler: Presence
  output: { bytes: number; lines: number; lastAtMs: number }
  dumps: number
  nowMs: number
  ending: Ending | null
  moments: Moment[]
  troubles: string[]
}

export interface WatchStep {
  /** Make a dump now, then tell `dump-started` and `dump-finished` */
  readonly request: Suspicion | null
  /** The run is over; told once */
  readonly ending: Ending | null
}

/** What a run showed, for the result. */
export interface WatchSummary {
  readonly threads: readonly ThreadObservation[]
  /** Null when the program has no counters of ours */
  readonly counters: CounterTotals | null
  /** Seconds since the target's start in which it could run */
  readonly seconds: number
  readonly outputBytes: number
  readonly outputLines: number
  readonly dumps: number
  readonly moments: readonly Moment[]
  /** What each thread did, those that have ended too, as far as they are kept */
  readonly history: readonly ThreadHistory[]
  /** When a debugger held the processes */
  readonly holds: readonly Hold[]
  /** What the sampler could not read, in plain words */
  readonly troubles: readonly string[]
}

/**
 * A watch over one run, at the target's start.
 */
export function startWatch(settings: WatchSettings): WatchState {
  return {
    settings: { suspicionMs: 1000, ...settings },
    table: emptyTable(),
    history: emptyHistory(),
    holds: [],
    looks: new Map(),
    asked: null,
    restUntilMs: 0,
    clockOffsetMs: null,
    sampler: NOT_YET,
    output: { bytes: 0, lines: 0, lastAtMs: 0 },
    dumps: 0,
    nowMs: 0,
    ending: null,
    moments: [],
    troubles: [],
  }
}

/**
 * Takes one event and says what follows from it. No clock, no timer, no input of its own: the same events give the
 * same answers. After the ending, events are still taken in, but nothing follows from them.
 */
export function stepWatch(state: WatchState, event: WatchEvent): WatchStep {
  state.nowMs = Math.max(state.nowMs, event.atMs)
  const ending = takeEvent(state, event) ?? judgeTime(state)
  if (state.ending !== null) return { request: null, ending: null }
  if (ending !== null) {
    state.ending = ending
    note(state, describeEnding(ending))
    return { request: null, ending }
  }
  return { request: event.type === 'sampler' ? askForDump(state, event.event) : null, ending: null }
}

/** What a run has shown so far. */
export function summarizeWatch(state: WatchState): WatchSummary {
  return {
    threads: observeAll(state.table, state.holds),
    counters: totalCounters(state.table),
    seconds: elapsed(state.holds, 0, state.ending?.atMs ?? state.nowMs) / 1000,
    outputBytes: state.output.bytes,
    outputLines: state.output.lines,
    dumps: state.dumps,
    moments: state.moments,
    history: [...state.history.ended, ...state.history.live.values()],
    holds: state.holds,
    troubles: state.troubles,
  }
}

function takeEvent(state: WatchState, event: WatchEvent): Ending | null {
  const { atMs } = event
  switch (event.type) {
    case 'output':
      takeOutput(state, event.bytes, event.lines, atMs)
      return null
    case 'sampler':
      takeSampler(state, event.event, atMs)
      return null
    case 'sampler-lost':
      state.sampler = lose(state.sampler, atMs, event.detail)
      note(state, `the sampler was lost: ${event.detail}`)
      return null
    case 'exited': {
      const { code, signal, oomKilled } = event
      return { reason: 'exited', atMs, code, signal, oomKilled }
    }
    case 'lost':
      return { reason: 'lost', atMs, detail: event.detail }
    case 'clock':
      return null
    case 'cancelled':
      return { reason: 'cancelled', atMs }
    case 'dump-started':
      state.holds.push({ fromMs: atMs, toMs: null })
      return null
    case 'dump-finished':
      return finishDump(state, event.confirmed, atMs)
  }
}

function takeOutput(state: WatchState, bytes: number, lines: number, atMs: number): void {
  if (bytes === 0) return
  if (state.output.bytes === 0) note(state, 'first output')
  state.output.bytes += bytes
  state.output.lines += lines
  state.output.lastAtMs = atMs
}

function takeSampler(state: WatchState, event: SamplerEvent, atMs: number): void {
  state.sampler = hear(state.sampler, atMs)
  if (event.event === 'hello') state.clockOffsetMs = null
  state.clockOffsetMs = Math.min(state.clockOffsetMs ?? Infinity, atMs - event.t)
  if (event.event === 'trouble' && !state.troubles.includes(event.message))
    state.troubles.push(event.message)
  const ourMs = Math.max(0, event.t + state.clockOffsetMs)
  updateTable(state.table, event, ourMs)
  updateHistory(state.history, event, ourMs)
}

function finishDump(state: WatchState, confirmed: boolean, atMs: number): Ending | null {
  const hold = state.holds.at(-1)
  const open = hold?.toMs === null ? hold : undefined
  if (open !== undefined) state.holds = [...state.holds.slice(0, -1), { ...open, toMs: atMs }]
  const { asked } = state
  state.asked = null
  if (asked === null) return null
  state.dumps += 1
  const tookMs = open === undefined ? 0 : atMs - open.fromMs
  const restMs = Math.max(REST_MS * state.dumps, REST_SHARE * tookMs)
  state.restUntilMs = atMs + Math.min(REST_MAX_MS, restMs)
  note(state, confirmed ? 'the dump confirmed it' : 'the dump did not confirm it: the run goes on')
  if (confirmed) return { reason: 'confirmed', atMs, suspicion: asked.suspicion }
  state.looks = postponeLooks(state.looks, asked.causes, atMs)
  return null
}

/** Endings that come with time alone. None comes while the processes are held. */
function judgeTime(state: WatchState): Ending | null {
  const { settings, holds, nowMs: atMs, output, sampler } = state
  if (holds.at(-1)?.toMs === null) return null
  const loss = lossOf(sampler, holds, atMs)
  if (loss !== null) return { reason: 'lost', atMs, detail: loss }
  const silentMs = elapsed(holds, output.lastAtMs, atMs)
  if (settings.stallTimeoutMs > 0 && silentMs >= settings.stallTimeoutMs)
    return { reason: 'silent', atMs, silentMs }
  const overMs = overtime(state)
  if (overMs < 0 || (overMs < 2 * settings.suspicionMs && isOpenQuestion(state))) return null
  const watched = isWatched(sampler, holds, atMs, settings.suspicionMs)
  return watched ? { reason: 'duration', atMs } : null
}

/** Milliseconds that the run has gone on past its duration; below 0 before. */
function overtime({ holds, settings, nowMs }: WatchState): number {
  return elapsed(holds, 0, nowMs) - settings.durationMs
}

/** A dump under way or due soon: the run's time is over, but the answer is near. */
function isOpenQuestion(state: WatchState): boolean {
  if (state.asked !== null) return true
  return [...state.table.processes.values()].some((process) =>
    isUndecided(circumstances(state, process)),
  )
}

function circumstances(
  { holds, looks, settings, nowMs }: WatchState,
  process: ProcessTrack,
): Parameters<typeof findSuspect>[0] {
  return { process, holds, looks, suspicionMs: settings.suspicionMs, nowMs }
}

/** Only news of a process can make it suspect. */
function askForDump(state: WatchState, event: SamplerEvent): Suspicion | null {
  if (event.event !== 'tick' && event.event !== 'counters' && event.event !== 'pc') return null
  const resting = state.nowMs < state.restUntilMs && overtime(state) < 0
  if (state.asked !== null || resting) return null
  const process = state.table.processes.get(event.pid)
  if (process === undefined) return null
  const found = findSuspect(circumstances(state, process))
  if (found === null) return null
  state.asked = found
  note(state, describeSuspicion(found.suspicion))
  return found.suspicion
}

function note(state: WatchState, what: string): void {
  if (state.moments.length < MOMENTS_MAX) state.moments.push({ atMs: state.nowMs, what })
}
