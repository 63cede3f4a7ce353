import { placeKey, placeOf } from './place.js'
import type { PassageEvent } from './events.js'
import type { Turn } from './map-plan.js'
import type { SweepPlace } from './schema.js'
import type { Trial } from './trial.js'

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

/** The steps, as the throw goes without a signal, at which the thread had the passage's signal blocked. */
export function shutSteps(
  { atlas }: Pick<Trial, 'atlas'>,
  { signal, shut, shutTurns }: Pick<PassageEvent, 'signal' | 'shut' | 'shutTurns'>,
  canon: Canon,
): { signal: number; step: number }[] {
  return shut.flatMap((number, index) => {
    const place = placeOf(atlas, number)
    const step = place === null ? null : canon.find(place, shutTurns[index] ?? 0)
    return step === null ? [] : [{ signal, step }]
  })
}
