import { performance } from 'node:perf_hooks'
import { removeContainers, startInside } from '../src/container/containers.js'
import { gdbInSidecar, takeDump } from '../src/experiment/dump.js'
import type { ReadyPlan } from '../src/experiment/plan.js'
import { recordOutput } from '../src/experiment/output.js'
import { openSession } from '../src/experiment/session.js'
import type { Session } from '../src/experiment/session.js'
import { watchTarget } from '../src/experiment/watch-target.js'
import { again, buildCell, VULNERABLE } from './cell.js'
import type { Measure, Measurement } from './measurement.js'
import { ratios, takePairs } from './pairs.js'
import type { Pair } from './pairs.js'
import { median } from './statistics.js'
import { each, ratio, seconds } from './words.js'
import type { Workplace } from './workplace.js'

const PAIRS_A_HANG = 3
const GDB_MS = 60_000

/** The look with gdb that decides, against gdb's own backtraces of the same stuck process. */
export const dump: Measure = {
  runs: 6,
  measure: async (workplace, runs) => {
    const plan = await buildCell(workplace, VULNERABLE)
    const pairs: Pair[] = []
    while (pairs.length < runs) {
      const more = await dumpOneHang(workplace, again(plan), runs - pairs.length)
      if (more.length === 0) throw new Error('The vulnerable cell ran without a suspicion.')
      pairs.push(...more)
    }
    return describe(pairs)
  },
}

/** Waits for a hang as a run does, and then looks at that one process by turns in both ways. */
async function dumpOneHang(workplace: Workplace, plan: ReadyPlan, most: number): Promise<Pair[]> {
  const { host, deps } = workplace
  let pairs: Pair[] = []
  try {
    await watchTarget(plan, {
      output: recordOutput(),
      signal: deps.signal,
      open: (events) => openSession(host, plan, events, deps.signal),
      lookInto: async (session, { pid, tids }) => {
        pairs = await takePairs(workplace, Math.min(most, PAIRS_A_HANG), {
          ours: () => timeOurs(session, pid, tids),
          beside: () => timePlain(session, pid),
          figure: Number,
        })
        return true
      },
    })
    return pairs
  } finally {
    await removeContainers(host, plan.id)
  }
}

async function timeOurs(session: Session, pid: number, first: readonly number[]): Promise<number> {
  const start = performance.now()
  const request = { target: { pid }, mode: 'quick' as const, first, commands: [] }
  const { trouble } = await takeDump(gdbInSidecar(session), request)
  if (trouble !== null) throw new Error(`Our own dump failed: ${trouble}.`)
  return performance.now() - start
}

async function timePlain(session: Session, pid: number): Promise<number> {
  const start = performance.now()
  const settings = [
    'set auto-load off',
    'set debuginfod enabled off',
    `set sysroot /proc/${pid}/root`,
  ]
  const options = settings.flatMap((setting) => ['-iex', setting])
  const command = ['gdb', '--batch', '-nx', ...options, '-p', String(pid)]
  const { finished } = startInside(
    session.host,
    session.sidecar,
    [...command, '-ex', 'thread apply all backtrace', '-ex', 'detach'],
    { deadlineMs: GDB_MS },
  )
  const { exitCode } = await finished
  if (exitCode !== 0) throw new Error(`Plain gdb failed (exit code ${exitCode ?? '?'}).`)
  return performance.now() - start
}

/** The table's line for a series of dumps. */
export function describe(pairs: readonly Pair[]): Measurement {
  const ours = pairs.map((pair) => pair.ours)
  const plain = pairs.map((pair) => pair.beside)
  return {
    title: 'Dump',
    how: [
      'On one stuck process, in the same sidecar, by turns: the look that decides a suspicion (all stacks, every lock decoded, registers), and gdb by hand, which attaches, prints all stacks and detaches.',
    ],
    rows: [
      {
        what: 'look with gdb, median',
        ours: seconds(median(ours)),
        beside: `gdb by hand: ${seconds(median(plain))}`,
        ratio: ratio(median(ratios(pairs))),
        goal: '',
        met: null,
      },
    ],
    notes: [`Every look: ${each(ours, seconds)}.`, `Every time by hand: ${each(plain, seconds)}.`],
  }
}
