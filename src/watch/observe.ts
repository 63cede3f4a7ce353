import { elapsed } from './clock.js'
import type { Hold } from './clock.js'
import { addTotals, processTotals } from './threads.js'
import type { CounterTotals, ProcessTrack, ThreadTable, ThreadTrack } from './threads.js'
import type { ThreadObservation } from './types.js'

/** What is known of a thread now; `holds` are the times that do not count. Null when it is not in the table. */
export function observeThread(
  table: ThreadTable,
  holds: readonly Hold[],
  pid: number,
  tid: number,
): ThreadObservation | null {
  const process = table.processes.get(pid)
  const thread = process?.threads.get(tid)
  return process === undefined || thread === undefined ? null : observe(process, thread, holds)
}

/** What is known of all threads, by process and thread id. */
export function observeAll(table: ThreadTable, holds: readonly Hold[]): ThreadObservation[] {
  return [...table.processes.values()]
    .flatMap((process) =>
      [...process.threads.values()].map((thread) => observe(process, thread, holds)),
    )
    .sort((a, b) => a.pid - b.pid || a.tid - b.tid)
}

function observe(
  process: ProcessTrack,
  thread: ThreadTrack,
  holds: readonly Hold[],
): ThreadObservation {
  const still = thread.still ?? thread.stillBefore
  const own = process.counters.get(thread.tid)
  return {
    pid: thread.pid,
    tid: thread.tid,
    name: thread.name,
    state: still?.state ?? null,
    futex: still?.futex ?? null,
    futexFile: still?.futexFile ?? null,
    pc: still?.pc ?? null,
    pcFile: still?.pcFile ?? null,
    blocked: still?.blocked ?? null,
    stillMs: elapsed(holds, thread.movedAtMs, process.seenAtMs),
    cpuMs: thread.cpuMs,
    ran: thread.cpuMs > 0 || thread.moves > 1,
    cpuShare: thread.busyShare,
    pcSamples: thread.pcs.map(({ pc, file, offset }) => ({ pc, file, offset })),
    counters: own?.counters ?? null,
    throwsStillMs:
      own === undefined
        ? null
        : elapsed(holds, own.movedAtMs, Math.max(process.seenAtMs, own.movedAtMs)),
  }
}

/** The counters of all threads together, ended ones too; null when no process had any. */
export function totalCounters(table: ThreadTable): CounterTotals | null {
  return [...table.processes.values()].map(processTotals).reduce(addTotals, table.endedTotals)
}
