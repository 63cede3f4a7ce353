import { signalName } from '../gdb/signals.js'
import { failedStep, makeCanon, shutSteps } from './canon.js'
import { concludeSweep } from './conclude.js'
import type { SweepFacts } from './conclude.js'
import { readFailure } from './failure.js'
import { addSteps, startMap } from './map-plan.js'
import { findHazards } from './hazards.js'
import { drawMap } from './map.js'
import { placeOf } from './place.js'
import type { DeadlyMap, Sweep, SweepFailure, SweepPlace, Temperature } from './schema.js'
import { tallyTrials } from './tally.js'
import { drawWay, plainThrow } from './way.js'
import type { Trials } from './trial.js'

/** What was done and told in one temperature. */
export interface Told {
  readonly temperature: Temperature
  readonly trials: Trials
  /** The native sweep ended without its last word */
  readonly lost: string | null
}

export interface SweepAbout {
  readonly function: string
  readonly signals: readonly number[]
  readonly temperatures: readonly Temperature[]
  /** A function that handlers were to be seen in, as it was asked for */
  readonly observe?: string | undefined
  readonly hasSymbolizer: boolean | null
  readonly seconds: number
  readonly cancelled: boolean
}

/** A sweep as result.json keeps it: what was tried, what failed, what follows. Warm throws come before cold ones. */
export function recordSweep(told: readonly Told[], about: SweepAbout): Sweep {
  const trials = told.flatMap((each) => each.trials)
  const signals = about.signals.map((number) => ({ number, name: signalName(number) }))
  const tried = told.flatMap((each) => tallyTrials(each.trials, each.temperature))
  const failures = told.flatMap(readFailures)
  const observed = findObserved(trials)
  const facts: SweepFacts = {
    ...about,
    signals,
    tried,
    failures,
    ends: told.flatMap(findEnds),
    observed: observed !== null,
  }
  const plain = trials.flatMap(({ passages }) => passages).find(({ kind }) => kind === 'plain')
  const conclusion = concludeSweep(facts)
  return {
    function: about.function,
    signals,
    ...conclusion,
    ends: plain?.ended ?? null,
    observed,
    tried,
    failures,
    hazards: findHazards(trials),
    handlerSteps:
      trials
        .flatMap(({ passages }) => passages)
        .find(({ kind, failure }) => kind === 'locks' && failure === null)?.handlerSteps ?? null,
    way: findWay(told),
    map: emptyMap(told, conclusion.outcome),
    seconds: Math.round(about.seconds * 1000) / 1000,
  }
}

/** Each failure with the calls that led to its instruction, as the throw without a signal shows them. */
function readFailures({ temperature, trials }: Told): SweepFailure[] {
  const { way, stackAt } = plainThrow(trials)
  const canon = makeCanon(way)
  return trials.flatMap((trial) => {
    const failure = readFailure(trial, temperature)
    if (failure === null) return []
    const step = failedStep(trial, canon)
    return [step === null ? failure : { ...failure, stack: stackAt(step) }]
  })
}

/** Of an immune program everything is decided, and nothing is deadly: no further process is needed to draw that. */
function emptyMap(told: readonly Told[], outcome: Sweep['outcome']): DeadlyMap | null {
  const warm = told.find(({ temperature }) => temperature === 'warm')
  if (outcome !== 'immune' || warm === undefined) return null
  const { way } = plainThrow(warm.trials)
  const canon = makeCanon(way)
  const steps = new Set(canon.steps)
  const tries = warm.trials.flatMap((trial) =>
    trial.passages.map((passage) => ({ trial, passage })),
  )
  const signals = [...new Set(tries.map(({ passage }) => passage.signal))].filter(
    (signal) => signal > 0,
  )
  const blocked = tries.flatMap(({ trial, passage }) => shutSteps(trial, passage, canon))
  const nothing = startMap(signals)
  const survived = new Map(signals.map((signal) => [signal, steps]))
  const shut = addSteps(nothing.shut, blocked)
  const plan = { ...nothing, survived, shut, processes: 1 }
  return drawMap(plan, { way, samples: [] })
}

/** The way of the first throw that was walked through without a signal. */
function findWay(told: readonly Told[]): Sweep['way'] {
  for (const { temperature, trials } of told) {
    const way = drawWay(plainThrow(trials).way, temperature)
    if (way !== null) return way
  }
  return null
}

function findObserved(trials: Trials): SweepPlace | null {
  for (const { atlas, ready } of trials) {
    const place = placeOf(atlas, ready?.observed ?? null)
    if (place !== null) return place
  }
  return null
}

function findEnds({ temperature, trials, lost }: Told): SweepFacts['ends'][number][] {
  const ended = trials.flatMap(({ end, passages }) => {
    if (end === null || end.reason === 'done' || end.reason === 'failed') return []
    const trouble = passages.find((passage) => passage.trouble !== null)?.trouble ?? null
    return [{ temperature, reason: end.reason, detail: trouble ?? end.detail }]
  })
  const last = trials.at(-1)
  const unended = lost !== null && (last === undefined || last.end === null)
  return unended ? [...ended, { temperature, reason: 'lost' as const, detail: lost }] : ended
}
