import { availableParallelism } from 'node:os'
import type { Logger } from '../log.js'
import { makeCanon, shutSteps } from '../sweep/canon.js'
import type { Canon } from '../sweep/canon.js'
import type { PassageEvent } from '../sweep/events.js'
import { readFailure } from '../sweep/failure.js'
import { drawMap } from '../sweep/map.js'
import { addWork, openUndecided, startMap, takeWork, wordsOf } from '../sweep/map-plan.js'
import type { MapPlan, SignalStep, Worked } from '../sweep/map-plan.js'
import { placeOf } from '../sweep/place.js'
import type { DeadlyMap, SweepPlace } from '../sweep/schema.js'
import { failedPassage } from '../sweep/trial.js'
import type { Trial } from '../sweep/trial.js'
import { plainThrow } from '../sweep/way.js'
import type { PlainThrow } from '../sweep/way.js'
import { count } from '../sweep/words.js'
import { sweepArguments } from './sweep.js'
import type { SweepGround, SweepSettings } from './sweep.js'
import { callSweep } from './sweeper.js'

/** Enough that a window of 5 % of the time is told to within half a percent. */
const SAMPLES = 10_000
/** The gate has no more ready. */
const SIDE_BY_SIDE_MAX = 3
/** A process that fails at once, again and again, decides nothing. */
const FRUITLESS_MAX = 5
/** Where a throw went another way than usual, its instruction is tried again. */
const ROUNDS = 3
const BAR_WIDTH = 20

interface MapDeps {
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * Decides every instruction of a warm throw: one signal at it in a throw of its own, going on behind each failure on a fresh
 * process, several side by side. At last it finds out how much of its time the thread spends at the deadly ones.
 * @returns null when the throw could not even be walked through without a signal
 */
export async function makeMap(
  ground: SweepGround,
  settings: SweepSettings,
  deps: MapDeps,
): Promise<DeadlyMap | null> {
  const first = await callWords(ground, settings, ['skip', 'plain', `sample=${SAMPLES}`], deps)
  const plain = plainThrow(first === null ? [] : [first])
  if (first === null || plain.way.length === 0) return null
  const canon = makeCanon(plain.way)
  const make = async (work: readonly SignalStep[]): Promise<Worked> => {
    const words = work.flatMap(({ signal, step }) => {
      const turn = canon.at(step)
      return turn === null ? [] : wordsOf(signal, turn)
    })
    const trial = await callWords(ground, settings, ['skip', ...words], deps)
    return readWork(trial, canon, plain)
  }
  // What lies in no file can't be named to another process.
  const named = canon.steps.filter((step) => (canon.at(step)?.place.file ?? null) !== null)
  let plan = openUndecided(startMap(settings.signals), named)
  for (let round = 0; round < ROUNDS && plan.open.length > 0 && !deps.signal.aborted; round += 1)
    plan = openUndecided(await decideAll(plan, make, named.length, deps), named)
  return drawMap(plan, { way: plain.way, samples: samplesOf(first) })
}

async function decideAll(
  start: MapPlan,
  make: (work: readonly SignalStep[]) => Promise<Worked>,
  instructions: number,
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
      log.progress(tellProgress(plan, instructions))
    }
  }

  const workers = Math.max(1, Math.min(availableParallelism(), SIDE_BY_SIDE_MAX))
  await Promise.all(Array.from({ length: workers }, worker))
  return plan
}

/** `[#####.....] 5,120 of 10,435 instructions decided, 12 of them deadly` */
function tellProgress(plan: MapPlan, instructions: number): string {
  const deadly = new Set(plan.deadly.map(({ step }) => step)).size
  const survived = [...plan.survived.values()].reduce((sum, steps) => sum + steps.size, 0)
  const all = instructions * plan.survived.size
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
): Promise<Trial | null> {
  const args = sweepArguments(ground, settings, words, 'none')
  const call = callSweep(ground.sweeper, args, () => undefined)
  const stop = (): void => call.stop()
  signal.addEventListener('abort', stop, { once: true })
  await call.finished
  signal.removeEventListener('abort', stop)
  return call.trials[0] ?? null
}

function readWork(trial: Trial | null, canon: Canon, plain: PlainThrow): Worked {
  if (trial === null) return { done: 0, survived: [], shut: [], failure: null }
  const passages = trial.passages.filter(({ kind }) => kind === 'alone')
  return {
    done: passages.filter(({ failure, trouble }) => failure === null && trouble === null).length,
    survived: passages.flatMap((passage) => readSurvived(trial, passage, canon)),
    shut: passages.flatMap((passage) => shutSteps(trial, passage, canon)),
    failure: readDeadly(trial, canon, plain),
  }
}

/** The interrupted instruction, unless it failed, as the step that it has in a throw without signals. */
function readSurvived(trial: Trial, passage: PassageEvent, canon: Canon): Worked['survived'] {
  if (passage.failure !== null || passage.returned === 0) return []
  return passage.places.flatMap((number, index) => {
    const place = placeOf(trial.atlas, number)
    const step = place === null ? null : canon.find(place, passage.turns[index] ?? 0)
    return step === null ? [] : [{ signal: passage.signal, step }]
  })
}

function readDeadly(trial: Trial, canon: Canon, plain: PlainThrow): Worked['failure'] {
  const failure = readFailure(trial, 'warm')
  const turn = failedPassage(trial)?.turns.at(-1) ?? 0
  if (failure === null) return null
  const { kind, signal, at, waiting, evidence } = failure
  const step = at === null ? null : canon.find(at, turn)
  if (at === null || step === null) return { deadly: null }
  const stack = plain.stackAt(step)
  return { deadly: { step, kind, signal: signal.number, at, stack, waiting, evidence } }
}

function samplesOf(trial: Trial): SweepPlace[] {
  return trial.passages
    .filter(({ kind }) => kind === 'sample')
    .flatMap(({ places }) => places.flatMap((number) => placeOf(trial.atlas, number) ?? []))
}
