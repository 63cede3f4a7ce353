import type { SamplerEvent, ThreadCounters } from './types.js'

/** A thread that runs, or wants to, for this share of a second is busy, */
const BUSY_SHARE = 0.8
/** if it runs at all: one that gets no core makes no progress either. */
const RAN_MIN_MS = 100

const SHARE_SPAN_MS = 1000
/** A younger thread's share says nothing yet. */
const SHARE_SPAN_MIN_MS = 900
const PC_SAMPLES = 20

export type Still = Extract<SamplerEvent, { event: 'still' }>

export interface PcSample {
  readonly atMs: number
  readonly pc: string
  readonly file: string | null
  readonly offset: string | null
}

/** What is known of one thread. Times are milliseconds since the target's start. */
export interface ThreadTrack {
  readonly pid: number
  readonly tid: number
  name: string
  movedAtMs: number
  /** Where it stands, once it was found still */
  still: Still | null
  /** Where it stood before a debugger stopped it: the same place again means that it has not moved */
  stillBefore: Still | null
  cpuMs: number
  /** How often it was found to have moved; once for a thread that is new and no more */
  moves: number
  /** Time run, and time run or ready to run, in total, at the times they changed */
  busy: { readonly atMs: number; readonly ranMs: number; readonly readyMs: number }[]
  busyShare: number
  busySinceMs: number | null
  pcs: PcSample[]
}

export interface ProcessTrack {
  readonly pid: number
  readonly exe: string | null
  readonly threads: Map<number, ThreadTrack>
  readonly counters: Map<number, { readonly counters: ThreadCounters; readonly movedAtMs: number }>
  /** Thread kept in std::terminate, 0 for none */
  terminated: number
  /** The last tick: nothing is known of the time after it */
  seenAtMs: number
}

export interface CounterTotals {
  readonly throws: number
  readonly signals: number
  readonly unwinds: number
  readonly exposures: number
}

/** All threads of all processes, as the events tell them; owned and changed by the watch. */
export interface ThreadTable {
  readonly processes: Map<number, ProcessTrack>
  /** Of processes that have ended; null when none had counters */
  endedTotals: CounterTotals | null
}

export function emptyTable(): ThreadTable {
  return { processes: new Map(), endedTotals: null }
}

/** Takes an event of the sampler into the table; `atMs` is its time since the target's start. */
export function updateTable(table: ThreadTable, event: SamplerEvent, atMs: number): void {
  switch (event.event) {
    case 'hello':
      // A new sampler names everything again; the counters of what it names go on.
      for (const process of table.processes.values()) process.threads.clear()
      return
    case 'process':
      startProcess(table, event, atMs)
      return
    case 'process-end':
      endProcess(table, event.pid)
      return
    case 'resumed':
      for (const thread of allThreads(table)) startAfresh(thread)
      return
    case 'paused':
    case 'trouble':
      return
    default:
      updateProcess(table.processes.get(event.pid), event, atMs)
  }
}

type ProcessEvent = Extract<
  SamplerEvent,
  { event: 'thread' | 'thread-end' | 'tick' | 'still' | 'pc' | 'counters' }
>

function updateProcess(process: ProcessTrack | undefined, event: ProcessEvent, atMs: number): void {
  if (process === undefined) return
  switch (event.event) {
    case 'thread':
      nameThread(process, event.tid, event.name, atMs)
      return
    case 'thread-end':
      process.threads.delete(event.tid)
      return
    case 'tick':
      takeTick(process, event.moved, atMs)
      return
    case 'still':
      takeStill(process.threads.get(event.tid), event, atMs)
      return
    case 'pc':
      takePc(process.threads.get(event.tid), event, atMs)
      return
    case 'counters':
      takeCounters(process, event.threads, atMs)
      process.terminated = event.terminated
  }
}

function startProcess(
  table: ThreadTable,
  event: Extract<SamplerEvent, { event: 'process' }>,
  atMs: number,
): void {
  const known = table.processes.get(event.pid)
  if (known?.exe === event.exe) return
  if (known !== undefined) endProcess(table, event.pid)
  const threads = known?.threads ?? new Map<number, ThreadTrack>()
  for (const thread of threads.values()) move(thread, atMs)
  table.processes.set(event.pid, {
    pid: event.pid,
    exe: event.exe,
    threads,
    counters: new Map(),
    terminated: 0,
    seenAtMs: atMs,
  })
}

function endProcess(table: ThreadTable, pid: number): void {
  const process = table.processes.get(pid)
  table.processes.delete(pid)
  if (process === undefined) return
  table.endedTotals = addTotals(table.endedTotals, processTotals(process))
}

function nameThread(process: ProcessTrack, tid: number, name: string, atMs: number): void {
  const known = process.threads.get(tid)
  if (known !== undefined) {
    known.name = name
    return
  }
  process.threads.set(tid, {
    pid: process.pid,
    tid,
    name,
    movedAtMs: atMs,
    still: null,
    stillBefore: null,
    cpuMs: 0,
    moves: 0,
    busy: [],
    busyShare: 0,
    busySinceMs: null,
    pcs: [],
  })
}

function move(thread: ThreadTrack, atMs: number): void {
  thread.movedAtMs = atMs
  thread.still = null
  thread.stillBefore = null
}

/** After a debugger let it go: whether it moved meanwhile shows only when it is found still again. */
function startAfresh(thread: ThreadTrack): void {
  thread.stillBefore = thread.still ?? thread.stillBefore
  thread.still = null
  thread.busy = []
  thread.busyShare = 0
  thread.busySinceMs = null
  thread.pcs = []
}

function takeTick(
  process: ProcessTrack,
  moved: readonly (readonly [number, number, number, number])[],
  atMs: number,
): void {
  process.seenAtMs = atMs
  for (const [tid, cpuMs, waitedMs] of moved) {
    const thread = process.threads.get(tid)
    if (thread === undefined) continue
    move(thread, atMs)
    thread.cpuMs = cpuMs
    thread.moves += 1
    thread.busy.push({ atMs, ranMs: cpuMs, readyMs: cpuMs + waitedMs })
  }
  for (const thread of process.threads.values()) updateShare(thread, atMs)
}

function updateShare(thread: ThreadTrack, atMs: number): void {
  if (thread.busy.length === 0) return
  const from = atMs - SHARE_SPAN_MS
  while (thread.busy[1] !== undefined && thread.busy[1].atMs <= from) thread.busy.shift()
  const oldest = thread.busy[0]
  const newest = thread.busy.at(-1)
  if (oldest === undefined || newest === undefined) return
  // A thread that had slept since the oldest value had the same value until its next move.
  const spanMs = Math.min(atMs - oldest.atMs, SHARE_SPAN_MS)
  const young = spanMs < SHARE_SPAN_MIN_MS
  thread.busyShare = young ? 0 : Math.min(1, (newest.readyMs - oldest.readyMs) / spanMs)
  const ran = newest.ranMs - oldest.ranMs >= RAN_MIN_MS
  if (thread.busyShare >= BUSY_SHARE && ran) thread.busySinceMs ??= atMs
  else {
    thread.busySinceMs = null
    thread.pcs = []
  }
}

function samePlace(a: Still, b: Still): boolean {
  return (
    a.syscall === b.syscall &&
    a.pc === b.pc &&
    a.futex?.address === b.futex?.address &&
    a.futex?.op === b.futex?.op
  )
}

function takeStill(thread: ThreadTrack | undefined, still: Still, atMs: number): void {
  if (thread === undefined) return
  if (thread.stillBefore !== null && !samePlace(thread.stillBefore, still)) thread.movedAtMs = atMs
  thread.stillBefore = null
  thread.still = still
}

function takePc(
  thread: ThreadTrack | undefined,
  event: Extract<SamplerEvent, { event: 'pc' }>,
  atMs: number,
): void {
  if (thread === undefined) return
  const { pc, file, offset } = event
  thread.pcs = [...thread.pcs, { atMs, pc, file, offset }].slice(-PC_SAMPLES)
}

/**
 * A forked child holds a copy of its parent's counters: only threads that are, or were, its own count.
 */
function takeCounters(
  process: ProcessTrack,
  threads: readonly ThreadCounters[],
  atMs: number,
): void {
  for (const counters of threads) {
    const before = process.counters.get(counters.tid)
    if (before === undefined && !process.threads.has(counters.tid)) continue
    const stood = before?.counters.throws === counters.throws
    process.counters.set(counters.tid, {
      counters,
      movedAtMs: before !== undefined && stood ? before.movedAtMs : atMs,
    })
  }
}

/** The counters of a process's threads together, ended ones too; null when it had none. */
export function processTotals(process: ProcessTrack): CounterTotals | null {
  return [...process.counters.values()]
    .map(({ counters: { throws, signals, unwinds, exposures } }) => ({
      throws,
      signals,
      unwinds,
      exposures,
    }))
    .reduce<CounterTotals | null>(addTotals, null)
}

export function addTotals(a: CounterTotals | null, b: CounterTotals | null): CounterTotals | null {
  if (a === null || b === null) return a ?? b
  return {
    throws: a.throws + b.throws,
    signals: a.signals + b.signals,
    unwinds: a.unwinds + b.unwinds,
    exposures: a.exposures + b.exposures,
  }
}

function allThreads(table: ThreadTable): ThreadTrack[] {
  return [...table.processes.values()].flatMap((process) => [...process.threads.values()])
}
