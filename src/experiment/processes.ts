import type { ThreadObservation } from '../watch/types.js'
import { classifyWait } from '../watch/waits.js'

/** A thread that has stood for less has not been standing. */
const STUCK_MS = 1000

/**
 * Ids of all processes, the most interesting first: those with the most threads that stand in a wait for a lock, then
 * those with the most threads. So a shell that waits for the program comes behind the program.
 */
export function orderProcesses(threads: readonly ThreadObservation[]): number[] {
  const processes = new Map<number, { stuck: number; threads: number }>()
  for (const thread of threads) {
    const { stuck, threads: others } = processes.get(thread.pid) ?? { stuck: 0, threads: 0 }
    processes.set(thread.pid, { stuck: stuck + (isStuck(thread) ? 1 : 0), threads: others + 1 })
  }
  return [...processes]
    .toSorted(([, a], [, b]) => b.stuck - a.stuck || b.threads - a.threads)
    .map(([pid]) => pid)
}

function isStuck(thread: ThreadObservation): boolean {
  return thread.stillMs >= STUCK_MS && classifyWait({ ...thread, sp: null }) === 'lock'
}
