import { availableParallelism } from 'node:os'
import type { Logger } from '../log.js'
import { makeCanon, shutSteps } from '../sweep/canon.js'
import type { Canon } from '../sweep/canon.js'
import type { PassageEvent } from '../sweep/events.js'
import { readFailure } from '../sweep/failure.js'
import { drawMap } from '../sweep/map.js'
import { addWork, fillMap, startMap, takeWork, wordsOf } from '../sweep/map-plan.js'
import type { MapPlan, Stretch, Worked } from '../sweep/map-plan.js'
import { placeOf } from '../sweep/place.js'
import type { DeadlyMap, SweepPlace } from '../sweep/schema.js'
import { failedPassage } from '../sweep/trial.js'
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
const BAR_WIDTH = 20

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
  const canon = makeCanon(way)
  const make = async (work: readonly Stretch[]): Promise<Worked> => {
    const words = ['skip', ...work.flatMap(wordsOf)]
    return readWork(await callWords(ground, settings, words, deps, known), canon)
  }
  const strided = await decideAll(startMap(settings.signals, plain.steps), make, deps)
  const plan = await decideAll(fillMap(strided, canon.steps), make, deps)
  return drawMap(plan, { way, samples: samplesOf(first) })
}

async function decideAll(
  start: MapPlan,
  make: (work: readonly Stretch[]) => Promise<Worked>,
  { log, signal }: MapDeps,
): Promise<MapPlan> {
  let plan = start
  let fruitless = 0

  async function worker(): Promise<void> {
    while (plan.open.length > 0 && !signal.aborted && fruitless < FRUITLESS_MAX) {
      const { work, rest } = takeWork(plan)
      plan = rest
      const worked = await make(work)
      plan = addWork(plan, work, worked)
      fruitless = worked.done === 0 && worked.failure === null ? fruitless + 1 : 0
      log.progress(tellProgress(plan))
    }
  }

  const workers = Math.max(1, Math.min(availableParallelism(), SIDE_BY_SIDE_MAX))
  await Promise.all(Array.from({ length: workers }, worker))
  return plan
}

/** `[#####.....] 5,120 of 10,435 instructions decided, 12 of them deadly` */
function tellProgress(plan: MapPlan): string {
  const deadly = new Set(plan.deadly.map(({ step }) => step)).size
  const survived = [...plan.survived.values()].reduce((sum, steps) => sum + steps.size, 0)
  const all = plan.length * plan.survived.size
  const share = Math.min(1, (survived + deadly) / all)
  const bar = '#'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '.')
  return `Mapping [${bar}] ${count(survived + deadly)} of ${count(all)} decided, ${count(deadly)} deadly`
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

function readWork(trial: Trial | null, canon: Canon): Worked {
  if (trial === null) return { done: 0, survived: [], shut: [], failure: null }
  const passages = trial.passages.filter(({ kind }) => kind === 'signals')
  return {
    done: passages.filter(({ failure, trouble }) => failure === null && trouble === null).length,
    survived: passages.flatMap((passage) => readSurvived(trial, passage, canon)),
    shut: passages.flatMap((passage) => shutSteps(trial, passage, canon)),
    failure: readDeadly(trial, canon),
  }
}

/** Each interrupted instruction but the one that failed, as the step that it has in a throw without signals. */
function readSurvived(trial: Trial, passage: PassageEvent, canon: Canon): Worked['survived'] {
  const returned = passage.failure === null ? passage.places : passage.places.slice(0, -1)
  return returned.flatMap((number, index) => {
    const place = placeOf(trial.atlas, number)
    const step = place === null ? null : canon.find(place, passage.turns[index] ?? 0)
    return step === null ? [] : [{ signal: passage.signal, step }]
  })
}

function readDeadly(trial: Trial, canon: Canon): Worked['failure'] {
  const failure = readFailure(trial, 'warm')
  const turn = failedPassage(trial)?.turns.at(-1) ?? 0
  if (failure === null) return null
  const { kind, signal, at, stack, waiting, evidence, step: cameAt } = failure
  const step = at === null ? null : canon.find(at, turn)
  return {
    deadly:
      at === null || step === null
        ? null
        : { step, kind, signal: signal.number, at, stack, waiting, evidence },
    cameAt,
  }
}

function samplesOf(trial: Trial): SweepPlace[] {
  return trial.passages
    .filter(({ kind }) => kind === 'sample')
    .flatMap(({ places }) => places.flatMap((number) => placeOf(trial.atlas, number) ?? []))
}
