import { performance } from 'node:perf_hooks'
import type { SamplerEvent } from '../watch/types.js'
import { readText } from './proc.js'
import { closeTable, makeTable, tellTrouble } from './table.js'
import type { HostTable, Tell } from './table.js'
import { chooseHot, locate, lookAround, startAfresh } from './tick.js'
import type { PcReader } from './where.js'

const INTERVAL_MS = 100
const MANY_THREADS = 500
const MANY_THREADS_INTERVAL_MS = 500

export interface SamplerOptions {
  /** The process to watch */
  readonly root: number
  /** Whether all that descend from it are watched as well */
  readonly descendants: boolean
  readonly intervalMs?: number
  /** Tells where busy threads run; without it nothing does */
  readonly pcs?: PcReader
}

/** A sampler under way. */
export interface HostSampler {
  /** Keeps still from now on, while a debugger works; resolves once nothing of ours touches the processes */
  pause(): Promise<void>
  resume(): void
  stop(): void
  /** The processes under watch now */
  pids(): number[]
}

/**
 * Watches from outside, on this host, how far each thread of a process has come, and tells it in the events of
 * native/progress. It reads cheap files of /proc only; where a busy thread runs is for `pcs` to find out, which stops it for
 * some microseconds. Ends by itself when the root and all that was watched below it are gone.
 */
export function startSampler(options: SamplerOptions, tell: Tell): HostSampler {
  const { root, descendants, intervalMs = INTERVAL_MS, pcs } = options
  const table = makeTable(root, descendants)
  const begun = performance.now() - 1
  const now = (): number => Math.round(performance.now() - begun)
  let timer: NodeJS.Timeout | undefined
  let asking: Promise<void> | undefined
  let turn = 0
  let paused = false

  function look(): void {
    lookAround(table, now(), tell)
    // Whoever hears of a suspicion may pause us in the middle of a look.
    if (paused) return
    if (table.processes.size === 0 && readText(`/proc/${root}/stat`) === null) return
    // One question at a time: an answer may take longer than a tick.
    asking ??= askWhere(table, turn++, pcs, now, tell).finally(() => (asking = undefined))
    const rest = countThreads(table) > MANY_THREADS ? MANY_THREADS_INTERVAL_MS : intervalMs
    timer = setTimeout(look, Math.max(rest, intervalMs))
  }

  tell({ event: 'hello', t: 0, version: 1, interval: intervalMs })
  look()
  return {
    pause: async () => {
      paused = true
      clearTimeout(timer)
      await asking
      tell({ event: 'paused', t: now() })
    },
    resume: () => {
      paused = false
      startAfresh(table, now())
      tell({ event: 'resumed', t: now() })
      look()
    },
    stop: () => {
      paused = true
      clearTimeout(timer)
      pcs?.stop()
      closeTable(table)
    },
    pids: () => [...table.processes.keys()],
  }
}

/** Asks where the busy threads are, and tells the answers as they come. */
async function askWhere(
  table: HostTable,
  turn: number,
  pcs: PcReader | undefined,
  now: () => number,
  tell: Tell,
): Promise<void> {
  if (pcs === undefined) return
  for (const { process, thread } of chooseHot(table, turn, now())) {
    const answer = await pcs.read(thread.tid)
    if (answer.kind === 'refused')
      tellTrouble(process, `where its busy threads run cannot be read: ${answer.why}`, now(), tell)
    if (answer.kind !== 'at') continue
    const event: SamplerEvent = {
      ...{ event: 'pc', t: now(), pid: process.pid, tid: thread.tid, pc: answer.pc },
      ...locate(process, answer.pc, now()),
    }
    tell(event)
  }
}

function countThreads(table: HostTable): number {
  return [...table.processes.values()].reduce((sum, { threads }) => sum + threads.size, 0)
}
