import type { SweepPlace, SweepWay, Temperature } from './schema.js'
import { placeOf } from './place.js'
import type { Trials } from './trial.js'

/** A throw has some thousand; beyond this the picture would tell nothing. */
const MAX_STRETCHES = 20_000

/** The places of the plain passage, one a step, in order; empty when none was made. */
export function plainWay(trials: Trials): SweepPlace[] {
  for (const trial of trials) {
    const plain = trial.passages.find(({ kind }) => kind === 'plain')
    if (plain !== undefined) return plain.places.flatMap((n) => placeOf(trial.atlas, n) ?? [])
  }
  return []
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
