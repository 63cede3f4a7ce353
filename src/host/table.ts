import type { SamplerEvent } from '../watch/types.js'
import { findCounters } from './counters.js'
import {
  closeProgress,
  countThreads,
  identifyProgram,
  listIds,
  openProgress,
  readName,
  readNewestId,
  readParent,
  readProgram,
  readProgress,
  readStatus,
  readText,
} from './proc.js'
import type { Mapping, Progress } from './proc-text.js'

const PROCESSES_MAX = 4096
const THREADS_MAX = 32_768
const ANCESTORS_MAX = 64
/** The user's limit is most often 1024; a thread beyond is read by its path, which costs more. */
const DESCRIPTORS_MAX = 512

export type Tell = (event: SamplerEvent) => void

export interface HostThread {
  readonly tid: number
  readonly descriptor: number | null
  name: string
  progress: Progress
  moved: boolean
  /** In no tick yet: the first one names it as moved, for its CPU time */
  fresh: boolean
  /** Its `still` event was told since it last moved */
  examined: boolean
  /** Ticks in a row */
  unmovedTicks: number
  /** How much it had run, or wanted to, at times over the last second */
  marks: { readonly atMs: number; readonly busyNs: number }[]
  /** Ran, or wanted to, for most of the last second */
  hot: boolean
  throws: { readonly count: number; readonly movedAtMs: number } | null
}

export interface HostProcess {
  readonly pid: number
  program: string | null
  readonly threads: Map<number, HostThread>
  maps: { readonly list: readonly Mapping[]; readonly readAtMs: number } | null
  /** Address of its counters object, null for none */
  counters: bigint | null
  /** What was said once and is not said again */
  readonly troubles: Set<string>
}

/** The processes and threads under watch. */
export interface HostTable {
  readonly root: number
  /** Whether processes below the root are watched as well */
  readonly descendants: boolean
  readonly processes: Map<number, HostProcess>
  /** Processes that were looked at and do not descend from the root */
  strangers: Set<number>
  newestId: number | null
  scanDue: boolean
  full: boolean
}

/** An empty table for a process and, unless it alone is wanted, all that descend from it. */
export function makeTable(root: number, descendants: boolean): HostTable {
  return {
    root,
    descendants,
    processes: new Map(),
    strangers: new Set(),
    newestId: null,
    scanDue: true,
    full: false,
  }
}

/** Looks for new processes, programs and threads where something can be new; tells what it found and what has ended. */
export function findThreads(table: HostTable, atMs: number, tell: Tell): void {
  for (const process of table.processes.values()) {
    const program = identifyProgram(process.pid)
    if (program !== null && program !== process.program) noteProgram(process, program, atMs, tell)
    if (countThreads(process.pid) !== process.threads.size) listThreads(process, atMs, tell)
  }
  const newest = readNewestId()
  if (newest === null || newest !== table.newestId) table.scanDue = true
  table.newestId = newest
  if (table.scanDue) findProcesses(table, atMs, tell)
  table.scanDue = false
}

/** Takes away processes without threads. Their children have a new parent now, so the next look is for processes too. */
export function sweepEnded(table: HostTable, atMs: number, tell: Tell): void {
  for (const process of table.processes.values()) {
    if (process.threads.size > 0) continue
    table.processes.delete(process.pid)
    table.scanDue = true
    tell({ event: 'process-end', t: atMs, pid: process.pid })
  }
}

/** Lets go of everything that is kept open. */
export function closeTable(table: HostTable): void {
  for (const { threads } of table.processes.values())
    for (const { descriptor } of threads.values()) closeProgress(descriptor)
  table.processes.clear()
}

/** Tells something about a process once. */
export function tellTrouble(process: HostProcess, message: string, atMs: number, tell: Tell): void {
  if (process.troubles.has(message)) return
  process.troubles.add(message)
  tell({ event: 'trouble', t: atMs, pid: process.pid, message })
}

/** Reads a process's list of threads again. */
export function listThreads(process: HostProcess, atMs: number, tell: Tell): void {
  const all = listIds(`/proc/${process.pid}/task`)
  if (all.length > THREADS_MAX)
    tellTrouble(process, 'more threads than can be watched: the rest is left out', atMs, tell)
  const tids = new Set(all.slice(0, THREADS_MAX))
  for (const [tid, { descriptor }] of process.threads) {
    if (tids.has(tid)) continue
    closeProgress(descriptor)
    process.threads.delete(tid)
    tell({ event: 'thread-end', t: atMs, pid: process.pid, tid })
  }
  for (const tid of tids) if (!process.threads.has(tid)) addThread(process, tid, atMs, tell)
}

function addThread(process: HostProcess, tid: number, atMs: number, tell: Tell): void {
  const { pid } = process
  const descriptor = process.threads.size < DESCRIPTORS_MAX ? openProgress(pid, tid) : null
  const progress = readProgress(descriptor, pid, tid)
  if (progress === null) {
    closeProgress(descriptor)
    return
  }
  const name = readName(pid, tid)
  process.threads.set(tid, {
    ...{ tid, descriptor, name, progress },
    ...{ moved: true, fresh: true, examined: false, unmovedTicks: 0 },
    ...{ marks: [], hot: false, throws: null },
  })
  tell({ event: 'thread', t: atMs, pid, tid, name })
}

function findProcesses(table: HostTable, atMs: number, tell: Tell): void {
  const pids = table.descendants ? listIds('/proc') : [table.root]
  table.strangers = new Set(pids.filter((pid) => table.strangers.has(pid)))
  for (const pid of pids) {
    if (table.processes.has(pid) || table.strangers.has(pid)) continue
    if (descends(table, pid)) addProcess(table, pid, atMs, tell)
    else table.strangers.add(pid)
  }
}

/** True when the chain of parents leads to the root, or to a process that came from there. */
function descends(table: HostTable, pid: number): boolean {
  let at: number | null = pid
  for (let step = 0; step < ANCESTORS_MAX && at !== null && at > 0; step += 1) {
    if (at === table.root || table.processes.has(at)) return true
    if (table.strangers.has(at)) return false
    at = readParent(at)
  }
  return false
}

function addProcess(table: HostTable, pid: number, atMs: number, tell: Tell): void {
  if (table.processes.size >= PROCESSES_MAX) {
    const message = 'more processes than can be watched: the rest is left out'
    if (!table.full) tell({ event: 'trouble', t: atMs, pid: null, message })
    table.full = true
    return
  }
  const process: HostProcess = {
    ...{ pid, program: null, threads: new Map(), maps: null, counters: null, troubles: new Set() },
  }
  table.processes.set(pid, process)
  noteProgram(process, identifyProgram(pid), atMs, tell)
  listThreads(process, atMs, tell)
}

/** A new program, at first sight or after an exec: nothing known of the one before holds. */
function noteProgram(process: HostProcess, program: string | null, atMs: number, tell: Tell): void {
  const { pid } = process
  process.program = program
  process.maps = null
  process.troubles.clear()
  process.counters = findCounters(pid)
  tell({
    event: 'process',
    t: atMs,
    pid,
    ppid: readParent(pid) ?? 0,
    name: (readText(`/proc/${pid}/comm`) ?? '').replace(/\n$/, ''),
    exe: readProgram(pid),
    uid: readStatus(pid)?.uid ?? -1,
    counters: process.counters !== null,
  })
}
