import { createTarget, removeContainers, startAttached } from '../src/container/containers.js'
import { CommandError } from '../src/errors.js'
import { runNatural } from '../src/experiment/natural.js'
import type { NaturalPlan } from '../src/experiment/natural.js'
import { recordOutput } from '../src/experiment/output.js'
import { again, buildCell, SAFE } from './cell.js'
import type { Measure, Measurement } from './measurement.js'
import { median, oursGoesFirst, ratios, spread, uncertainty } from './statistics.js'
import type { Pair } from './statistics.js'
import { each, percent, ratio } from './words.js'
import type { Workplace } from './workplace.js'

const RUN_SECONDS = 10
const LIMIT_MS = 60_000
const GOAL = 0.99

/** What the watch costs a healthy program: throws per second under it, and without it. */
export const watch: Measure = {
  runs: 6,
  measure: async (workplace, runs) => {
    const built = await buildCell(workplace, SAFE)
    const plan = { ...built, command: ['-duration', `${RUN_SECONDS}s`], durationMs: LIMIT_MS }
    const pairs: Pair[] = []
    for (let pair = 0; pair < runs; pair += 1) {
      const watched = (): Promise<number> => runWatched(workplace, again(plan))
      const bare = (): Promise<number> => runBare(workplace, again(plan))
      const found = oursGoesFirst(pair)
        ? { ours: await watched(), beside: await bare() }
        : { beside: await bare(), ours: await watched() }
      pairs.push(found)
      workplace.say(`  pair ${pair + 1} of ${runs}: ${ratio(found.ours / found.beside, 4)}`)
    }
    return describe(pairs)
  },
}

async function runWatched({ host, deps }: Workplace, plan: NaturalPlan): Promise<number> {
  const { texts } = await runNatural(host, plan, deps)
  return throwsPerSecond(texts.output)
}

/** The same container with the same limits, and its output read the same way; no sidecar. */
async function runBare({ host }: Workplace, plan: NaturalPlan): Promise<number> {
  const output = recordOutput()
  const name = `cgo-deadlock-${plan.id}-bare`
  try {
    await createTarget(host, { ...plan, name, runId: plan.id })
    const ended = await startAttached(host, name, {
      onOutput: (chunk) => output.add(chunk, 0),
    }).finished
    if (ended.exitCode !== 0) {
      throw new CommandError(`The bare run ended with code ${ended.exitCode ?? '?'}.`, {
        command: host.engine.command,
        args: ['start', '--attach', name],
        ...ended,
      })
    }
    return throwsPerSecond(output.text())
  } finally {
    await removeContainers(host, plan.id)
  }
}

/**
 * The program's own count at its end over its own time: `Loop #11 throws=2500000 signals=…` → 250000.
 * @throws Error when no such line was printed
 */
export function throwsPerSecond(output: string): number {
  const last = [...output.matchAll(/Loop #\d+ throws=(\d+)/g)].at(-1)?.[1]
  if (last === undefined) throw new Error('The program printed no count of its throws.')
  return Number(last) / RUN_SECONDS
}

/** The table's line for a series of pairs, in throws per second. */
export function describe(pairs: readonly Pair[]): Measurement {
  const ours = pairs.map((pair) => pair.ours)
  const bare = pairs.map((pair) => pair.beside)
  const shares = ratios(pairs)
  const middle = median(shares)
  return {
    title: 'Watch',
    how: [
      `The safe cell (glibc 2.41) throws for ${RUN_SECONDS} s by its own clock, under the whole product and bare, by turns: the same container with the same limits, without sidecar and sampler. Its last line counts the throws.`,
      'The start of the sidecar falls into the watched time and is counted too.',
    ],
    rows: [
      {
        what: 'throws per second under the watch, median',
        ours: thousands(median(ours)),
        beside: `bare: ${thousands(median(bare))}`,
        ratio: ratio(middle, 3),
        goal: '≥ 0.99',
        met: middle >= GOAL,
      },
    ],
    notes: [
      `Noise: the bare runs alone lie ${percent(spread(bare))} apart; so the ratio's median is good to about ±${percent(uncertainty(shares))}.`,
      `Every pair's ratio: ${each(shares, (share) => ratio(share, 4))}.`,
    ],
  }
}

function thousands(value: number): string {
  return `${(value / 1000).toFixed(1)} k`
}
