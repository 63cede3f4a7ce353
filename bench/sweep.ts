import { performance } from 'node:perf_hooks'
import { removeContainers, waitForStart } from '../src/container/containers.js'
import { startCommand } from '../src/exec.js'
import type { ReadyPlan } from '../src/experiment/plan.js'
import { runSweep, sweepArguments } from '../src/experiment/sweep.js'
import type { SweepSettings } from '../src/experiment/sweep.js'
import { openSweepGround } from '../src/experiment/sweep-ground.js'
import { callSweep } from '../src/experiment/sweeper.js'
import { again, buildCell, SAFE, VULNERABLE } from './cell.js'
import type { Measure, Measurement } from './measurement.js'
import { median, worst } from './statistics.js'
import { each, ratio, seconds } from './words.js'
import type { Workplace } from './workplace.js'

const SIGPROF = 27
const SAFE_RUNS = 3
const DEADLOCK_GOAL_MS = 1500
const IMMUNE_GOAL_MS = 15_000
const RATIO_GOAL = 8

/** One whole sweep, from the start of its container. */
export interface Swept {
  readonly outcome: string
  /** Of the failure; null where there is none */
  readonly step: number | null
  /** Until the failure was told, or immunity was; without the look with gdb */
  readonly verdictMs: number
}

/** A dense passage beside the same throw stepped plainly. */
export interface Pace {
  readonly plainNs: number
  readonly denseNs: number
  readonly signals: number
}

/** How long a sweep takes to either verdict, and what a signal costs. */
export const sweep: Measure = {
  runs: 20,
  measure: async (workplace, runs) => {
    const vulnerable = await buildCell(workplace, VULNERABLE)
    const safe = await buildCell(workplace, SAFE)
    const hung = await repeat(runs, () => sweepOnce(workplace, again(vulnerable)))
    const immune = await repeat(SAFE_RUNS, () => sweepOnce(workplace, again(safe)))
    const paces = await repeat(SAFE_RUNS, () => pace(workplace, again(safe)))
    return describe(hung, immune, paces)
  },
}

async function repeat<T>(times: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = []
  for (let time = 0; time < times; time += 1) made.push(await make())
  return made
}

function settingsOf({ toolchain, sweepFunction }: ReadyPlan): SweepSettings {
  const none = { avoid: [], gdbCommands: [] }
  return { ...none, toolchain, function: sweepFunction, signals: [SIGPROF] }
}

type Ground = Awaited<ReturnType<typeof openSweepGround>>

/** Opens the containers for a sweep, and removes them after `work`. `begun` is when the target started. */
async function onGround<T>(
  { host, deps }: Workplace,
  plan: ReadyPlan,
  work: (ground: Ground, begun: number) => Promise<T>,
): Promise<T> {
  const command = [...plan.command, '-profile=false', '-goroutines=false']
  const target = `cgo-deadlock-${plan.id}-sweep-target`
  try {
    const ground = await openSweepGround(host, { ...plan, command }, deps.signal)
    const nothing = startCommand('true', [], { env: host.env })
    const { agoMs } = await waitForStart(host, target, nothing, deps.signal)
    return await work(ground, performance.now() - agoMs)
  } finally {
    await removeContainers(host, plan.id)
  }
}

async function sweepOnce(workplace: Workplace, plan: ReadyPlan): Promise<Swept> {
  return onGround(workplace, plan, async (ground, begun) => {
    const before = performance.now() - begun
    const { sweep: swept } = await runSweep(ground, settingsOf(plan), workplace.deps)
    const [failure] = swept.failures
    return {
      outcome: swept.outcome,
      step: failure?.step ?? null,
      verdictMs: before + swept.seconds * 1000,
    }
  })
}

async function pace(workplace: Workplace, plan: ReadyPlan): Promise<Pace> {
  return onGround(workplace, plan, async (ground) => {
    const words = ['skip', 'plain', `${SIGPROF}/1+0`]
    const args = sweepArguments(ground, settingsOf(plan), words, { keep: 'none' })
    const call = callSweep(ground.sweeper, args, () => undefined)
    await call.finished
    const passages = call.trials.flatMap((trial) => trial.passages)
    const plain = passages.find(({ kind }) => kind === 'plain')
    const dense = passages.find(({ kind }) => kind === 'signals')
    if (plain === undefined || dense === undefined) throw new Error('The sweep made no passage.')
    return { plainNs: plain.ns, denseNs: dense.ns, signals: dense.signals }
  })
}

/** The table's lines. */
export function describe(
  hung: readonly Swept[],
  immune: readonly Swept[],
  paces: readonly Pace[],
): Measurement {
  const times = hung.map(({ outcome, verdictMs }) =>
    outcome === 'deadlock' ? verdictMs : Infinity,
  )
  const proofs = immune.map(({ outcome, verdictMs }) =>
    outcome === 'immune' ? verdictMs : Infinity,
  )
  const ratios = paces.map(({ plainNs, denseNs }) => denseNs / plainNs)
  const rates = paces.map(({ signals, denseNs }) => signals / (denseNs / 1e9))
  const steps = new Set(hung.map(({ step }) => step))
  return {
    title: 'Sweep',
    how: [
      'The vulnerable and the safe cell (glibc 2.31 with Go 1.17, glibc 2.41) are swept with SIGPROF, from the start of the container to the failure, or to the proof: warm and cold throws, densely and in strides.',
      'What a signal costs is told by one throw with a signal at each of its instructions, beside the same throw single-stepped without any.',
    ],
    rows: [
      {
        what: 'container start to a deadlock, median',
        ours: seconds(median(times)),
        beside: `worst of ${hung.length}: ${seconds(worst(times))}`,
        ratio: '',
        goal: `≤ ${DEADLOCK_GOAL_MS / 1000} s`,
        met: median(times) <= DEADLOCK_GOAL_MS,
      },
      {
        what: 'container start to immune, median',
        ours: seconds(median(proofs)),
        beside: `worst of ${immune.length}: ${seconds(worst(proofs))}`,
        ratio: '',
        goal: `≤ ${IMMUNE_GOAL_MS / 1000} s`,
        met: median(proofs) <= IMMUNE_GOAL_MS,
      },
      {
        what: 'a signal at each instruction of a throw, median',
        ours: seconds(median(paces.map(({ denseNs }) => denseNs / 1e6))),
        beside: `stepped plainly: ${seconds(median(paces.map(({ plainNs }) => plainNs / 1e6)))}`,
        ratio: ratio(median(ratios)),
        goal: `≤ ${RATIO_GOAL} ×`,
        met: median(ratios) <= RATIO_GOAL,
      },
    ],
    notes: [
      `${hung.filter(({ outcome }) => outcome === 'deadlock').length} of ${hung.length} sweeps of the vulnerable cell were deadlocks, at step ${[...steps].join(' and ')}; ${immune.filter(({ outcome }) => outcome === 'immune').length} of ${immune.length} of the safe one were immune.`,
      `Signals per second: ${each(rates, (rate) => Math.round(rate).toLocaleString('en-US'))}.`,
      `Every time to a deadlock: ${each(times, seconds)}. Every time to immune: ${each(proofs, seconds)}.`,
    ],
  }
}
