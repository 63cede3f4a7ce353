import {
  closeSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  readdirSync,
  statSync,
} from 'node:fs'
import type { Progress, Status } from './proc-text.js'
import { parseSchedstat, parseStat, parseStatus } from './proc-text.js'

/** Clock ticks a second in `stat`: USER_HZ, 100 on all architectures that Go and gdb run on (asm/param.h). */
const TICK_NS = 1e9 / 100
const SMALL_BYTES = 128

/** The code of a failed system call, such as `ENOENT`; empty for anything else. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
}

/** True when a file of /proc could not be read since its process or thread has ended. */
function isGone(thrown: unknown): boolean {
  return ['ENOENT', 'ESRCH', 'ENOTDIR'].includes(codeOf(thrown))
}

/** A small file of /proc as text; null when it can't be read. Names in it may hold any bytes. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** The ids in a directory of /proc, in order; empty when it is gone. */
export function listIds(path: string): number[] {
  try {
    return readdirSync(path)
      .map(Number)
      .filter((id) => id > 0)
      .sort((a, b) => a - b)
  } catch {
    return []
  }
}

/** The number of threads that the link count of a task directory tells (proc_task_getattr in fs/proc/base.c); 0 when gone. */
export function countThreads(pid: number): number {
  try {
    return statSync(`/proc/${pid}/task`).nlink - 2
  } catch {
    return 0
  }
}

/** Path of a process's program; null when it may not be known. */
export function readProgram(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return null
  }
}

/** Identity of a process's program, which outlives renaming and deleting it; null when it may not be known. */
export function identifyProgram(pid: number): string | null {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/exe`)
    return `${dev}:${ino}`
  } catch {
    return null
  }
}

/** Parent of a process; null when it is gone. */
export function readParent(pid: number): number | null {
  const text = readText(`/proc/${pid}/stat`)
  return text === null ? null : (parseStat(text)?.ppid ?? null)
}

/** All that descend from a process, itself not among them, in no order. */
export function listDescendants(pid: number): number[] {
  const parents = listIds('/proc').map((id) => [id, readParent(id)] as const)
  const below = (root: number): number[] =>
    parents.flatMap(([id, parent]) => (parent === root ? [id, ...below(id)] : []))
  return below(pid)
}

/** `status` of a process or, with a thread, of that thread; null when it is gone. */
export function readStatus(pid: number, tid?: number): Status | null {
  const text = readText(tid === undefined ? `/proc/${pid}/status` : `${taskPath(pid, tid)}/status`)
  return text === null ? null : parseStatus(text)
}

/** The short name of a thread, without the newline at its end. */
export function readName(pid: number, tid: number): string {
  return (readText(`${taskPath(pid, tid)}/comm`) ?? '').replace(/\n$/, '')
}

/** The newest id of this machine; null when it is not told: when it has not changed, nothing is new. */
export function readNewestId(): number | null {
  const last = /(\d+)\s*$/.exec(readText('/proc/loadavg') ?? '')?.[1]
  return last === undefined ? null : Number(last)
}

/** Opens a thread's `schedstat` for many readings; null when that is not possible. */
export function openProgress(pid: number, tid: number): number | null {
  try {
    return openSync(`${taskPath(pid, tid)}/schedstat`, 'r')
  } catch {
    return null
  }
}

export function closeProgress(descriptor: number | null): void {
  if (descriptor !== null) closeSync(descriptor)
}

/**
 * How far a thread has come; null when it has ended. Kernels without scheduler statistics print zeros in `schedstat`:
 * then `stat` and `status` tell, in steps of 10 ms.
 */
export function readProgress(descriptor: number | null, pid: number, tid: number): Progress | null {
  try {
    const path = `${taskPath(pid, tid)}/schedstat`
    const text = descriptor === null ? readFileSync(path, 'latin1') : readAgain(descriptor)
    const progress = parseSchedstat(text)
    if (progress !== null && (progress.runNs > 0 || progress.switches > 0)) return progress
  } catch (thrown) {
    if (codeOf(thrown) === 'ESRCH' || (isGone(thrown) && countThreads(pid) === 0)) return null
  }
  return readCoarseProgress(pid, tid)
}

function readAgain(descriptor: number): string {
  const buffer = Buffer.allocUnsafe(SMALL_BYTES)
  return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, SMALL_BYTES, 0))
}

function readCoarseProgress(pid: number, tid: number): Progress | null {
  const stat = parseStat(readText(`${taskPath(pid, tid)}/stat`) ?? '')
  const status = readStatus(pid, tid)
  if (stat === null || status === null) return null
  return { runNs: stat.ticks * TICK_NS, waitNs: 0, switches: status.switches }
}

function taskPath(pid: number, tid: number): string {
  return `/proc/${pid}/task/${tid}`
}
