import { placeKey, placeOf } from './place.js'
import type { PassageEvent } from './events.js'
import type { SweepPlace } from './schema.js'
import { failedPassage } from './trial.js'
import type { Trial } from './trial.js'

/** A signal, and a step of a throw without signals. */
export interface SignalStep {
  readonly signal: number
  readonly step: number
}

/** An instruction of a throw without signals, and the how manieth time the thread comes to it there. */
export interface Turn {
  readonly place: SweepPlace
  readonly turn: number
}

/**
 * The instructions of a throw as it goes without a signal. A handler may change the way of the throw that it interrupted,
 * so the same instruction has another step there; its turn stays (the how manieth time the thread comes to it).
 */
export interface Canon {
  /** Steps that begin an instruction, in order; the others are further rounds of a repeated one */
  readonly steps: readonly number[]
  /** What the thread is at in a step that begins an instruction */
  at(step: number): Turn | null
  /** The step without signals, or null for a turn that the way does not have */
  find(place: SweepPlace, turn: number): number | null
}

/** @param way place of each step of the plain passage */
export function makeCanon(way: readonly SweepPlace[]): Canon {
  const found = new Map<string, number>()
  const turns = new Map<string, number>()
  const begins = new Map<number, Turn>()
  const steps: number[] = []
  way.forEach((place, step) => {
    const key = placeKey(place)
    const before = way[step - 1]
    if (before !== undefined && placeKey(before) === key) return
    const turn = (turns.get(key) ?? 0) + 1
    turns.set(key, turn)
    found.set(`${key}#${turn}`, step)
    begins.set(step, { place, turn })
    steps.push(step)
  })
  return {
    steps,
    at: (step) => begins.get(step) ?? null,
    find: (place, turn) => found.get(`${placeKey(place)}#${turn}`) ?? null,
  }
}

/** The steps, as the throw goes without a signal, at which a passage's signals came. */
export function sentSteps(
  trial: Pick<Trial, 'atlas'>,
  passage: PassageEvent,
  canon: Canon,
): SignalStep[] {
  return stepsOf(trial, passage.signal, passage.places, passage.turns, canon)
}

/** The steps, as the throw goes without a signal, at which the thread had the passage's signal blocked. */
export function shutSteps(
  trial: Pick<Trial, 'atlas'>,
  passage: PassageEvent,
  canon: Canon,
): SignalStep[] {
  return stepsOf(trial, passage.signal, passage.shut, passage.shutTurns, canon)
}

/** The step, as the throw goes without a signal, at which a process failed; null where it did not, or on another way. */
export function failedStep(trial: Trial, canon: Canon): number | null {
  const passage = failedPassage(trial)
  const place = placeOf(trial.atlas, passage?.failure?.place ?? null)
  return place === null ? null : canon.find(place, passage?.turns.at(-1) ?? 0)
}

function stepsOf(
  { atlas }: Pick<Trial, 'atlas'>,
  signal: number,
  places: readonly number[],
  turns: readonly number[],
  canon: Canon,
): SignalStep[] {
  return places.flatMap((number, index) => {
    const place = placeOf(atlas, number)
    const step = place === null ? null : canon.find(place, turns[index] ?? 0)
    return step === null ? [] : [{ signal, step }]
  })
}
