import { availableParallelism } from 'node:os'
import type { Logger } from '../log.js'
import { failedStep, makeCanon, sentSteps, shutSteps } from '../sweep/canon.js'
import type { Canon, SignalStep } from '../sweep/canon.js'
import { readFailure } from '../sweep/failure.js'
import { drawMap } from '../sweep/map.js'
import { addWork, openUndecided, startMap, takeWork, wordsOf } from '../sweep/map-plan.js'
import type { Deadly, MapPlan, Worked } from '../sweep/map-plan.js'
import { placeOf } from '../sweep/place.js'
import type { DeadlyMap, SweepPlace } from '../sweep/schema.js'
import type { Trial } from '../sweep/trial.js'
import { plainThrow } from '../sweep/way.js'
import type { PlainThrow } from '../sweep/way.js'
import { count } from '../sweep/words.js'
import { sweepArguments } from './sweep.js'
import type { SweepGround, SweepSettings } from './sweep.js'
import { callSweep, GATE_HOLDS } from './sweeper.js'

/** Enough that a window of 5 % of the time is told to within half a percent. */
const SAMPLES = 10_000
/** How many signals a process is given, round by round. native/sweep takes 1,024 passages, and each signal needs one before it. */
const SIZES = [400, 64, 8, 1, 1, 1]
/** A process that hangs only waits to be found out. */
const WORKERS_PER_CORE = 2
/** A process that fails at once, again and again, decides nothing. */
const FRUITLESS_MAX = 5
/** No process is looked into afterwards, and those that a signal has spoiled may run round for ever. */
const END = { keep: 'none', againSeconds: 5 } as const
const BAR_WIDTH = 20

interface MapDeps {
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * Decides every instruction of a warm throw: one signal at it in a throw of its own. First many in one process, which shows
 * in a few seconds where nothing happens; then ever fewer where one of them failed, or spoiled the process for the others; an
 * instruction is called deadly only by a process that had no other signal. At last it finds out how much of its time the
 * thread spends at the deadly ones.
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
    const series =
      work.length === 1 ? ['skip', ...words] : ['skip', 'plain', ...words, 'skip', 'plain']
    return readWork(await callWords(ground, settings, series, deps), work, canon, plain)
  }
  // What lies in no file can't be named to another process.
  const named = canon.steps.filter((step) => (canon.at(step)?.place.file ?? null) !== null)
  let plan = startMap(settings.signals)
  for (const size of SIZES) {
    const open = openUndecided(plan, named, size)
    if (deps.signal.aborted) break
    plan = await decideAll(open, make, { size, instructions: named.length }, deps)
  }
  return drawMap(plan, { way: plain.way, samples: samplesOf(first) })
}

async function decideAll(
  start: MapPlan,
  make: (work: readonly SignalStep[]) => Promise<Worked>,
  { size, instructions }: { readonly size: number; readonly instructions: number },
  { log, signal }: MapDeps,
): Promise<MapPlan> {
  let plan = start
  let fruitless = 0

  async function worker(): Promise<void> {
    while (plan.open.length > 0 && !signal.aborted && fruitless < FRUITLESS_MAX) {
      const { work, rest } = takeWork(plan, size)
      plan = rest
      const worked = await make(work)
      plan = addWork(plan, work, worked)
      fruitless = worked.kind === 'lost' ? fruitless + 1 : 0
      log.progress(tellProgress(plan, instructions))
    }
  }

  const workers = Math.min(availableParallelism() * WORKERS_PER_CORE, GATE_HOLDS.map - 1)
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
  const args = sweepArguments(ground, settings, words, END)
  const call = callSweep(ground.sweeper, args, () => undefined)
  const stop = (): void => call.stop()
  signal.addEventListener('abort', stop, { once: true })
  await call.finished
  signal.removeEventListener('abort', stop)
  return call.trials[0] ?? null
}

function readWork(
  trial: Trial | null,
  work: readonly SignalStep[],
  canon: Canon,
  plain: PlainThrow,
): Worked {
  if (trial === null) return { kind: 'lost' }
  const alone = trial.passages.filter(({ kind }) => kind === 'alone')
  const failed = alone.findIndex(({ failure }) => failure !== null)
  if (failed >= 0) return { kind: 'failed', at: failed, deadly: readDeadly(trial, canon, plain) }
  // A throw that does not end for what an earlier signal has left behind.
  if (trial.end?.reason === 'never-again' && alone.length > 0) return { kind: 'spoiled' }
  if (trial.end?.reason !== 'done' || alone.length < work.length) return { kind: 'lost' }
  const [before, after] = trial.passages.filter(({ kind }) => kind === 'plain')
  if (before?.steps !== after?.steps) return { kind: 'spoiled' }
  return {
    kind: 'clean',
    survived: alone.flatMap((passage) => sentSteps(trial, passage, canon)),
    shut: alone.flatMap((passage) => shutSteps(trial, passage, canon)),
  }
}

function readDeadly(trial: Trial, canon: Canon, plain: PlainThrow): Deadly | null {
  const failure = readFailure(trial, 'warm')
  const step = failedStep(trial, canon)
  if (failure === null || failure.at === null || step === null) return null
  const { kind, signal, at, waiting, evidence } = failure
  return { step, kind, signal: signal.number, at, stack: plain.stackAt(step), waiting, evidence }
}

function samplesOf(trial: Trial): SweepPlace[] {
  return trial.passages
    .filter(({ kind }) => kind === 'sample')
    .flatMap(({ places }) => places.flatMap((number) => placeOf(trial.atlas, number) ?? []))
}
