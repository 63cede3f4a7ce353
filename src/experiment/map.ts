import { availableParallelism } from 'node:os'
import type { Logger } from '../log.js'
import { readFailure } from '../sweep/failure.js'
import { drawMap } from '../sweep/map.js'
import { addWork, startMap, takeWork } from '../sweep/map-plan.js'
import type { Deadly, MapPlan, Stretch, Worked } from '../sweep/map-plan.js'
import { placeOf } from '../sweep/place.js'
import type { DeadlyMap, SweepFailure, SweepPlace } from '../sweep/schema.js'
import { STRIDE } from '../sweep/series.js'
import type { Trial } from '../sweep/trial.js'
import { plainWay } from '../sweep/way.js'
import { count } from '../sweep/words.js'
import { sweepArguments } from './sweep.js'
import type { CallOptions, SweepGround, SweepSettings } from './sweep.js'
import { callSweep } from './sweeper.js'

/** Enough that a window of 5 % of the time is told to within half a percent. */
const SAMPLES = 10_000
/** The gate has no more ready. */
const SIDE_BY_SIDE_MAX = 3
/** A process that fails at once, again and again, decides nothing. */
const FRUITLESS_MAX = 5

interface MapDeps {
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * Decides every instruction of a warm throw: goes on behind each failure on a fresh process, several side by side, and at
 * last finds out how much of its time the thread spends at the deadly ones.
 * @returns null when the throw could not even be walked through without a signal
 */
export async function makeMap(
  ground: SweepGround,
  settings: SweepSettings,
  deps: MapDeps,
): Promise<DeadlyMap | null> {
  const first = await callWords(ground, settings, ['skip', 'plain', `sample=${SAMPLES}`], deps)
  const way = plainWay(first === null ? [] : [first])
  const plain = first?.passages.find(({ kind }) => kind === 'plain')
  if (first === null || plain === undefined) return null
  const known = { steps: plain.steps, ends: plain.ended ?? 'caught' }
  const survived = new Set<number>()
  const plan = await decideAll(
    startMap(settings.signals, plain.steps),
    async (work) => {
      const trial = await callWords(ground, settings, ['skip', ...work.map(wordOf)], deps, known)
      return readWork(trial, survived)
    },
    deps,
  )
  return drawMap(plan, { way, survived, samples: samplesOf(first) })
}

async function decideAll(
  start: MapPlan,
  make: (work: readonly Stretch[]) => Promise<Worked>,
  { log, signal }: MapDeps,
): Promise<MapPlan> {
  let plan = start
  let fruitless = 0
  const total = start.open.length * Math.ceil(start.steps / STRIDE)

  async function worker(): Promise<void> {
    while (plan.open.length > 0 && !signal.aborted && fruitless < FRUITLESS_MAX) {
      const { work, rest } = takeWork(plan)
      plan = rest
      const worked = await make(work)
      plan = addWork(plan, work, worked)
      fruitless = worked.done === 0 && worked.failure === null ? fruitless + 1 : 0
      const decided = plan.survived + plan.deadly.length
      log.progress(
        `Mapping: ${count(decided)} of ${count(total)} decided, ${count(plan.deadly.length)} of them deadly`,
      )
    }
  }

  const workers = Math.max(1, Math.min(availableParallelism(), SIDE_BY_SIDE_MAX))
  await Promise.all(Array.from({ length: workers }, worker))
  return plan
}

function wordOf({ signal, start }: Stretch): string {
  return `${signal}/${STRIDE}+${start}`
}

/** One call on one fresh process, which is gone afterwards. */
async function callWords(
  ground: SweepGround,
  settings: SweepSettings,
  words: readonly string[],
  { signal }: MapDeps,
  plain?: CallOptions['plain'],
): Promise<Trial | null> {
  const options = { keep: 'none' as const, ...(plain === undefined ? {} : { plain }) }
  const args = sweepArguments(ground, settings, words, options)
  const call = callSweep(ground.sweeper, args, () => undefined)
  const stop = (): void => call.stop()
  signal.addEventListener('abort', stop, { once: true })
  await call.finished
  signal.removeEventListener('abort', stop)
  return call.trials[0] ?? null
}

function readWork(trial: Trial | null, survived: Set<number>): Worked {
  if (trial === null) return { done: 0, survived: 0, failure: null }
  const passages = trial.passages.filter(({ kind }) => kind === 'signals')
  const failure = readFailure(trial, 'warm')
  let back = 0
  for (const passage of passages) {
    const returned = passage.failure === null ? passage.at : passage.at.slice(0, -1)
    returned.forEach((step) => survived.add(step))
    back += returned.length
  }
  return {
    done: passages.filter((passage) => passage.failure === null && passage.trouble === null).length,
    survived: back,
    failure: failure === null ? null : readDeadly(failure),
  }
}

function readDeadly({ step, kind, signal, at, waiting }: SweepFailure): Deadly | null {
  return at === null ? null : { step, kind, signal: signal.number, at, waiting }
}

function samplesOf(trial: Trial): SweepPlace[] {
  return trial.passages
    .filter(({ kind }) => kind === 'sample')
    .flatMap(({ places }) => places.flatMap((number) => placeOf(trial.atlas, number) ?? []))
}
