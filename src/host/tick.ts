import { performance } from 'node:perf_hooks'
import { findCounters, readCounters } from './counters.js'
import { readProgress, readStatus, readText } from './proc.js'
import { findMapping, parseMaps, parseSyscall } from './proc-text.js'
import type { Mapping } from './proc-text.js'
import { findThreads, listThreads, sweepEnded, tellTrouble } from './table.js'
import type { HostProcess, HostTable, HostThread, Tell } from './table.js'

const STILL_TICKS = 2
/** Close looks at still threads may take this long a tick; the others wait, the longest still goes first. */
const LOOKS_MS = 5
const MARK_MS = 250
const HOT_MS = 1000
const HOT_SHARE = 0.8
const MAPS_MISS_MS = 1000
const MAPS_OLD_MS = 10_000
const WATCHED_A_TICK = 4

/** A busy thread of which nobody knows where it runs. */
export interface HotThread {
  readonly process: HostProcess
  readonly thread: HostThread
}

/** One look at everything: who moved, who stands still and where, the counters. Times are in ms. */
export function lookAround(table: HostTable, atMs: number, tell: Tell): void {
  findThreads(table, atMs, tell)
  for (const process of table.processes.values()) lookAtProcess(process, atMs, tell)
  sweepEnded(table, atMs, tell)
  lookAtStill(table, atMs, tell)
  for (const process of table.processes.values()) tellCounters(process, atMs, tell)
}

/** Takes everything as it is now for the start: what happened while a debugger held the processes is nobody's progress. */
export function startAfresh(table: HostTable, atMs: number): void {
  for (const { pid, threads } of table.processes.values()) {
    for (const thread of threads.values()) {
      thread.progress = readProgress(thread.descriptor, pid, thread.tid) ?? thread.progress
      thread.marks = []
      thread.hot = false
      thread.examined = false
      thread.unmovedTicks = 0
      if (thread.throws !== null) thread.throws = { ...thread.throws, movedAtMs: atMs }
    }
  }
}

/** The busy threads whose turn it is to be looked at closer. One whose throws go on does what it should. */
export function chooseHot(table: HostTable, turn: number, atMs: number): HotThread[] {
  const hot = [...table.processes.values()].flatMap((process) =>
    [...process.threads.values()]
      .filter(({ hot: is, throws }) => is && (throws === null || atMs - throws.movedAtMs >= HOT_MS))
      .map((thread) => ({ process, thread })),
  )
  const first = hot.length > WATCHED_A_TICK ? (turn * WATCHED_A_TICK) % hot.length : 0
  return [...hot.slice(first), ...hot.slice(0, first)].slice(0, WATCHED_A_TICK)
}

/** File and offset of an address, from the process's memory map, which is read again when it must be. */
export function locate(
  process: HostProcess,
  address: string | null,
  atMs: number,
): { file: string | null; offset: string | null } {
  const found = address === null ? null : (findInMaps(process, address, atMs) ?? null)
  if (address === null || found === null || found.file === null) return { file: null, offset: null }
  return {
    file: found.file,
    offset: `0x${(BigInt(address) - found.from + found.offset).toString(16)}`,
  }
}

function findInMaps(process: HostProcess, address: string, atMs: number): Mapping | null {
  const known = process.maps
  const found = known === null ? null : findMapping(known.list, address)
  const age = atMs - (known?.readAtMs ?? -MAPS_OLD_MS)
  if (age < MAPS_OLD_MS && (found !== null || age < MAPS_MISS_MS)) return found
  const list = parseMaps(readText(`/proc/${process.pid}/maps`) ?? '')
  process.maps = { list, readAtMs: atMs }
  return findMapping(list, address)
}

function lookAtProcess(process: HostProcess, atMs: number, tell: Tell): void {
  const ended = [...process.threads.values()].filter((thread) => !readThread(process, thread, atMs))
  if (ended.length > 0) listThreads(process, atMs, tell)
  if (process.threads.size === 0) return
  const moved = [...process.threads.values()]
    .filter((thread) => thread.moved)
    .map(({ tid, progress: { runNs, waitNs, switches } }): [number, number, number, number] => [
      ...([tid, Math.trunc(runNs / 1e6), Math.trunc(waitNs / 1e6), switches] as const),
    ])
  tell({ event: 'tick', t: atMs, pid: process.pid, threads: process.threads.size, moved })
}

/** False when the thread has ended. */
function readThread(process: HostProcess, thread: HostThread, atMs: number): boolean {
  const progress = readProgress(thread.descriptor, process.pid, thread.tid)
  if (progress === null) return false
  const { runNs, switches } = thread.progress
  thread.moved = thread.fresh || progress.runNs !== runNs || progress.switches !== switches
  thread.fresh = false
  thread.progress = progress
  thread.unmovedTicks = thread.moved ? 0 : thread.unmovedTicks + 1
  if (thread.moved) thread.examined = false
  markBusy(thread, atMs)
  return true
}

function markBusy(thread: HostThread, atMs: number): void {
  const last = thread.marks.at(-1)
  if (last !== undefined && atMs - last.atMs < MARK_MS) return
  const busyNs = thread.progress.runNs + thread.progress.waitNs
  const from = thread.marks.findLast((mark) => mark.atMs <= atMs - HOT_MS)
  thread.hot = from !== undefined && busyNs - from.busyNs >= (atMs - from.atMs) * 1e6 * HOT_SHARE
  thread.marks = [...thread.marks, { atMs, busyNs }].slice(-(HOT_MS / MARK_MS + 1))
}

function lookAtStill(table: HostTable, atMs: number, tell: Tell): void {
  const still = [...table.processes.values()].flatMap((process) =>
    [...process.threads.values()]
      .filter(({ unmovedTicks, examined }) => unmovedTicks >= STILL_TICKS && !examined)
      .map((thread) => ({ process, thread })),
  )
  const longestFirst = still.sort((a, b) => b.thread.unmovedTicks - a.thread.unmovedTicks)
  const until = performance.now() + LOOKS_MS
  for (const { process, thread } of longestFirst) {
    if (performance.now() > until) return
    examine(process, thread, atMs, tell)
  }
}

function examine(process: HostProcess, thread: HostThread, atMs: number, tell: Tell): void {
  const { pid } = process
  const { tid } = thread
  thread.examined = true
  const syscall = readText(`/proc/${pid}/task/${tid}/syscall`)
  const status = readStatus(pid, tid)
  if (status === null) return
  if (status.name !== thread.name) {
    thread.name = status.name
    tell({ event: 'thread', t: atMs, pid, tid, name: status.name })
  }
  if (syscall === null && status.state !== 'Z')
    tellTrouble(process, 'where its threads wait cannot be read: permission denied', atMs, tell)
  const place = parseSyscall(syscall ?? '', globalThis.process.arch)
  tell({
    ...{ event: 'still', t: atMs, pid, tid, state: status.state },
    ...place,
    blocked: status.blocked,
    pcFile: locate(process, place.pc, atMs).file,
    futexFile: locate(process, place.futex?.address ?? null, atMs).file,
  })
}

function tellCounters(process: HostProcess, atMs: number, tell: Tell): void {
  const { pid } = process
  if (process.counters === null) return
  const counters = readCounters(pid, process.counters)
  if (counters === null) {
    const message = 'its counters cannot be read'
    // The same program may have been started over, and lies elsewhere now.
    if (!process.troubles.has(message)) process.counters = findCounters(pid)
    tellTrouble(process, message, atMs, tell)
    return
  }
  for (const { tid, throws } of counters.threads) {
    const thread = process.threads.get(tid)
    if (thread !== undefined && thread.throws?.count !== throws)
      thread.throws = { count: throws, movedAtMs: atMs }
  }
  tell({ event: 'counters', t: atMs, pid, ...counters })
}
