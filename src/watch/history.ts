import type { Still } from './threads.js'
import type { SamplerEvent } from './types.js'
import { blocksAllSignals, classifyWait } from './waits.js'

/**
 * What a thread does, as far as it shows from outside:
 * - `running`: it gets on; its CPU time or its context switches grow from tick to tick
 * - `waiting`: it stands in a system call, as idle threads do
 * - `lock`: it stands and waits for a lock
 * - `handler`: it stands, waits for a lock and blocks every signal, as Go's signal handlers do
 * - `mixed`: several of these by turns
 * - `ended`: it is there no more
 */
export type ThreadActivity = 'running' | 'waiting' | 'lock' | 'handler' | 'mixed' | 'ended'

/** An activity and when it began, milliseconds since the target's start; it lasts until the next span. */
export interface Span {
  readonly fromMs: number
  readonly activity: ThreadActivity
}

/** What one thread did, oldest first. */
export interface ThreadHistory {
  readonly pid: number
  readonly tid: number
  readonly name: string
  readonly spans: readonly Span[]
}

interface LiveHistory extends ThreadHistory {
  name: string
  readonly spans: Span[]
  /** The last tick on which it had moved */
  movedAtMs: number
}

/** The histories of all threads, changed by updateHistory alone. */
export interface History {
  /** By `pid tid` */
  readonly live: Map<string, LiveHistory>
  /** The last to end, oldest first */
  readonly ended: ThreadHistory[]
  /** Last tick of each process: a thread found moved has moved since then */
  readonly tickedAtMs: Map<number, number>
}

/** Bounds on memory: five thousand threads that never rest keep some ten megabytes, however long the run. */
const SPANS_MAX = 48
/** The newest spans stay as they are: what came before the end matters most. */
const SPANS_KEPT = 16
const ENDED_MAX = 500

export function emptyHistory(): History {
  return { live: new Map(), ended: [], tickedAtMs: new Map() }
}

/** Takes an event of the sampler into the histories; `atMs` is its time since the target's start. */
export function updateHistory(history: History, event: SamplerEvent, atMs: number): void {
  switch (event.event) {
    case 'process-end':
      for (const thread of [...history.live.values()])
        if (thread.pid === event.pid) end(history, thread, atMs)
      history.tickedAtMs.delete(event.pid)
      return
    case 'thread':
      begin(history, event, atMs)
      return
    case 'thread-end': {
      const thread = history.live.get(keyOf(event))
      if (thread !== undefined) end(history, thread, atMs)
      return
    }
    case 'tick':
      takeMoves(history, event, atMs)
      return
    case 'still':
      takeStill(history.live.get(keyOf(event)), event)
      return
    default:
      return
  }
}

function keyOf({ pid, tid }: { readonly pid: number; readonly tid: number }): string {
  return `${pid} ${tid}`
}

function begin(
  history: History,
  { pid, tid, name }: Extract<SamplerEvent, { event: 'thread' }>,
  atMs: number,
): void {
  const known = history.live.get(keyOf({ pid, tid }))
  if (known !== undefined) {
    known.name = name
    return
  }
  const spans: Span[] = [{ fromMs: atMs, activity: 'running' }]
  history.live.set(keyOf({ pid, tid }), { pid, tid, name, spans, movedAtMs: atMs })
}

function end(history: History, thread: LiveHistory, atMs: number): void {
  enter(thread, 'ended', atMs)
  history.live.delete(keyOf(thread))
  history.ended.push(thread)
  if (history.ended.length > ENDED_MAX) history.ended.shift()
}

function takeMoves(
  history: History,
  { pid, moved }: Extract<SamplerEvent, { event: 'tick' }>,
  atMs: number,
): void {
  const since = history.tickedAtMs.get(pid) ?? atMs
  history.tickedAtMs.set(pid, atMs)
  for (const [tid] of moved) {
    const thread = history.live.get(keyOf({ pid, tid }))
    if (thread === undefined) continue
    enter(thread, 'running', since)
    thread.movedAtMs = atMs
  }
}

/** The news is of two ticks later, but the thread has stood since its last move. */
function takeStill(thread: LiveHistory | undefined, still: Still): void {
  if (thread !== undefined) enter(thread, activityOf(still), thread.movedAtMs)
}

function activityOf(still: Still): ThreadActivity {
  if (still.state === 'R') return 'running'
  if (classifyWait(still) !== 'lock') return 'waiting'
  return blocksAllSignals(still.blocked) ? 'handler' : 'lock'
}

function enter(thread: LiveHistory, activity: ThreadActivity, atMs: number): void {
  const { spans } = thread
  const last = spans.at(-1)
  if (last?.activity === activity) return
  const fromMs = Math.max(atMs, last?.fromMs ?? 0)
  if (last?.fromMs === fromMs) spans.pop()
  if (spans.at(-1)?.activity === activity) return
  spans.push({ fromMs, activity })
  if (spans.length > SPANS_MAX) mergeShortest(spans)
}

/** Of the older spans the two neighbours that are shortest together become one. */
function mergeShortest(spans: Span[]): void {
  const lengthOf = (index: number): number =>
    (spans[index + 2]?.fromMs ?? Infinity) - (spans[index]?.fromMs ?? 0)
  let shortest = 0
  for (let index = 1; index < spans.length - SPANS_KEPT - 1; index++)
    if (lengthOf(index) < lengthOf(shortest)) shortest = index
  const fromMs = spans[shortest]?.fromMs ?? 0
  spans.splice(shortest, 2, { fromMs, activity: 'mixed' })
  // Beside another mixed span the two are one.
  const [before, after] = [spans[shortest - 1], spans[shortest + 1]]
  if (after?.activity === 'mixed') spans.splice(shortest + 1, 1)
  if (before?.activity === 'mixed') spans.splice(shortest, 1)
}
