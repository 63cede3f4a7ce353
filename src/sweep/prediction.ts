import { placeKey } from './place.js'
import type { Deadly } from './map-plan.js'
import type { DeadlyMap, SweepPlace } from './schema.js'

/** Rate of Go's profiler, in signals a second of CPU time (Go, runtime/pprof: "100 Hz is a reasonable choice"). */
const HERTZ = 100
/** Two-sided 95 % of the normal distribution */
const Z = 1.959964

/**
 * What share of the time the thread is at a deadly instruction, by where it was found at random moments, and what that
 * means for a profiler. An instruction that is deadly in some of its turns only (the same function runs several times in
 * a throw) counts by their share.
 * @param way place of each step of a throw
 * @param samples where the free-running thread was found
 */
export function predictRate(
  deadly: readonly Deadly[],
  way: readonly SweepPlace[],
  samples: readonly SweepPlace[],
): DeadlyMap['time'] {
  if (samples.length === 0) return null
  const weights = weighPlaces(deadly, way)
  const hits = samples.reduce((sum, place) => sum + (weights.get(placeKey(place)) ?? 0), 0)
  const share = hits / samples.length
  const { low, high } = wilson(hits, samples.length)
  return {
    samples: samples.length,
    hits: Math.round(hits * 1000) / 1000,
    share,
    low,
    high,
    hangsPerHour: share * HERTZ * 3600,
    secondsToHang: share === 0 ? null : 1 / (share * HERTZ),
  }
}

function weighPlaces(
  deadly: readonly Deadly[],
  way: readonly SweepPlace[],
): ReadonlyMap<string, number> {
  const turns = countKeys(way)
  const fatal = countKeys([...new Map(deadly.map((each) => [each.step, each.at])).values()])
  return new Map(
    [...fatal].map(([key, count]) => [key, Math.min(1, count / (turns.get(key) ?? count))]),
  )
}

function countKeys(places: readonly SweepPlace[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const place of places) counts.set(placeKey(place), (counts.get(placeKey(place)) ?? 0) + 1)
  return counts
}

/** Score interval of a proportion (E. B. Wilson, 1927), which holds for few hits too. */
export function wilson(hits: number, trials: number): { low: number; high: number } {
  const p = hits / trials
  const z2 = (Z * Z) / trials
  const middle = (p + z2 / 2) / (1 + z2)
  const half = (Z / (1 + z2)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials))
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}
