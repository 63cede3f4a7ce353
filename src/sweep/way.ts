import type { SweepPlace, SweepWay, Temperature } from './schema.js'
import { placeOf } from './place.js'
import type { Trials } from './trial.js'

/** A throw has some thousand; beyond this the picture would tell nothing. */
const MAX_STRETCHES = 20_000

/** A throw as it goes without a signal. */
export interface PlainThrow {
  /** The place of each step, in order; empty when none was walked through */
  readonly way: readonly SweepPlace[]
  /** Calls that a step is in, innermost first, from the swept function on */
  readonly stackAt: (step: number) => SweepPlace[]
}

/** The first throw that was walked through without a signal. */
export function plainThrow(trials: Trials): PlainThrow {
  for (const trial of trials) {
    const plain = trial.passages.find(({ kind }) => kind === 'plain')
    if (plain === undefined) continue
    const way = plain.places.flatMap((number) => placeOf(trial.atlas, number) ?? [])
    return { way, stackAt: (step) => stackIn(way, plain.calls, step) }
  }
  return { way: [], stackAt: () => [] }
}

/** @param calls pairs: the step that made a call, and the first one after its return */
function stackIn(way: readonly SweepPlace[], calls: readonly number[], step: number): SweepPlace[] {
  const open: number[] = []
  for (let pair = 0; pair + 1 < calls.length; pair += 2) {
    const [made = 0, left = 0] = [calls[pair], calls[pair + 1]]
    if (made < step && step < left) open.push(made)
  }
  return open.toSorted((one, other) => other - one).flatMap((made) => way[made] ?? [])
}

/** The way in stretches: neighbours in the same function are one. Null when there is none. */
export function drawWay(places: readonly SweepPlace[], temperature: Temperature): SweepWay | null {
  if (places.length === 0) return null
  const files = new Map<string, number>()
  const functions = new Map<string, number>()
  const stretches: [number, number, number, string][] = []
  for (const place of places) {
    const file = numberOf(files, place.file ?? '')
    const name = place.function === null ? -1 : numberOf(functions, place.function)
    const last = stretches.at(-1)
    if (last?.[1] === file && last[2] === name) last[0] += 1
    else if (stretches.length < MAX_STRETCHES) stretches.push([1, file, name, place.offset])
  }
  return { temperature, files: [...files.keys()], functions: [...functions.keys()], stretches }
}

function numberOf(known: Map<string, number>, key: string): number {
  const found = known.get(key)
  if (found !== undefined) return found
  known.set(key, known.size)
  return known.size - 1
}
