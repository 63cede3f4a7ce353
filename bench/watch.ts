import { performance } from 'node:perf_hooks'
import { createTarget, removeContainers, startAttached } from '../src/container/containers.js'
import { makeCommandError } from '../src/exec.js'
import { runNatural } from '../src/experiment/natural.js'
import type { ReadyPlan } from '../src/experiment/plan.js'
import { recordOutput } from '../src/experiment/output.js'
import { again, buildCell, SAFE } from './cell.js'
import type { Measure, Measurement } from './measurement.js'
import { ratios, takePairs } from './pairs.js'
import type { Pair } from './pairs.js'
import { median, spread, uncertainty } from './statistics.js'
import { each, percent, ratio } from './words.js'
import type { Workplace } from './workplace.js'

const RUN_SECONDS = 15
const LIMIT_MS = 60_000
/** By then the sidecar has started, which is work for the machine too */
const SETTLED_MS = 3000
const GOAL = 0.99

/** Throws per second of one run. */
export interface Rates {
  /** From the program's start to its end */
  readonly whole: number
  /** Once everything had started */
  readonly settled: number
}

/** What the watch costs a healthy program: throws per second under it, and without it. */
export const watch: Measure = {
  runs: 6,
  measure: async (workplace, runs) => {
    const built = await buildCell(workplace, SAFE)
    const plan = { ...built, command: ['-duration', `${RUN_SECONDS}s`], durationMs: LIMIT_MS }
    const pairs = await takePairs(workplace, runs, {
      ours: () => runWatched(workplace, again(plan)),
      beside: () => runBare(workplace, again(plan)),
      figure: ({ whole }) => whole,
    })
    return describe(pairs)
  },
}

async function runWatched({ host, deps }: Workplace, plan: ReadyPlan): Promise<Rates> {
  const { texts } = await runNatural(host, plan, deps)
  return readRates(texts.output)
}

/** The same container with the same limits, and its output read the same way; no sidecar. */
async function runBare({ host }: Workplace, plan: ReadyPlan): Promise<Rates> {
  const output = recordOutput()
  const name = `cgo-deadlock-${plan.id}-bare`
  try {
    await createTarget(host, { ...plan, name, runId: plan.id })
    const start = performance.now()
    const ended = await startAttached(host, name, {
      onOutput: (chunk) => output.add(chunk, performance.now() - start),
    }).finished
    if (ended.exitCode !== 0) {
      throw makeCommandError(host.engine.command, ['start', name], ended, undefined)
    }
    return readRates(output.text())
  } finally {
    await removeContainers(host, plan.id)
  }
}

/**
 * The program's own counts: `[  14.1] Loop #15 throws=3000000 signals=…`, with the seconds when each line came. The
 * whole is the last count over the program's own time; the settled rate lies between two lines.
 * @throws Error when no such lines were printed
 */
export function readRates(output: string): Rates {
  const lines = [...output.matchAll(/^\[ *([\d.]+)\] Loop #\d+ throws=(\d+)/gm)]
  const counts = lines.map(([, at, throws]) => ({
    atMs: Number(at) * 1000,
    throws: Number(throws),
  }))
  const first = counts.find(({ atMs }) => atMs >= SETTLED_MS)
  const last = counts.at(-1)
  if (first === undefined || last === undefined || first === last) {
    throw new Error('The program printed too few counts of its throws.')
  }
  return {
    whole: last.throws / RUN_SECONDS,
    settled: ((last.throws - first.throws) * 1000) / (last.atMs - first.atMs),
  }
}

/** The table's lines for a series of pairs. */
export function describe(pairs: readonly Pair<Rates>[]): Measurement {
  const whole = pairs.map(({ ours, beside }) => ({ ours: ours.whole, beside: beside.whole }))
  const settled = pairs.map(({ ours, beside }) => ({ ours: ours.settled, beside: beside.settled }))
  const shares = ratios(whole)
  const bare = whole.map((pair) => pair.beside)
  return {
    title: 'Watch',
    how: [
      `The safe cell (glibc 2.41) throws for ${RUN_SECONDS} s by its own clock, under the whole product and bare, by turns: the same container with the same limits, without sidecar and sampler. Its own counts say how often it threw.`,
      `The start of the sidecar falls into that time and is counted; the second line leaves out the first ${SETTLED_MS / 1000} s, and so the start.`,
    ],
    rows: [
      {
        what: 'throws per second under the watch, median',
        ...compare(whole),
        goal: `≥ ${GOAL}`,
        met: median(shares) >= GOAL,
      },
      { what: 'the same once all has started', ...compare(settled), goal: '', met: null },
    ],
    notes: [
      noiseText(bare, shares),
      `Every pair's ratio: ${each(shares, (share) => ratio(share, 4))}.`,
      `Every pair's ratio once all has started: ${each(ratios(settled), (share) => ratio(share, 4))}.`,
    ],
  }
}

/** What a difference must exceed to mean anything. */
function noiseText(bare: readonly number[], shares: readonly number[]): string {
  if (shares.length < 3) return 'Noise: too few pairs to tell it.'
  return `Noise: the bare runs alone lie ${percent(spread(bare))} apart, and the ratio's median is good to about ±${percent(uncertainty(shares))}.`
}

function compare(pairs: readonly Pair[]): { ours: string; beside: string; ratio: string } {
  return {
    ours: thousands(median(pairs.map((pair) => pair.ours))),
    beside: `bare: ${thousands(median(pairs.map((pair) => pair.beside)))}`,
    ratio: ratio(median(ratios(pairs)), 3),
  }
}

function thousands(value: number): string {
  return `${(value / 1000).toFixed(1)} k`
}
