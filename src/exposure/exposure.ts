import type { Counts } from '../result/schema.js'
import { powerOf, upperBound } from './bound.js'
import type { Exposure } from './schema.js'

/** Rate of Go's CPU profile (runtime/pprof), in signals a second of CPU time. */
const SIGNALS_PER_HOUR = 100 * 3600

/**
 * Share of signals that land in a deadly window on Debian 11 (glibc 2.31, libgcc 10.2.1), in a loop that only throws and
 * gets a timer's signal every 73 µs, so that practically each is an exposure: 5.0 % between the compare-and-swap of
 * pthread_mutex_lock and its store of the owner, 0.43 % in the mirror window of unlock. Measured for this project, amd64.
 */
export const KNOWN_CHANCE = { lock: 0.05, unlock: 0.0043 } as const

/** What a run without a fault says of the chance of one; null where nothing was counted. */
export function judgeExposures({
  exposures,
  signals,
}: Pick<Counts, 'exposures' | 'signals'>): Exposure | null {
  const of = exposures === null ? 'signals' : 'exposures'
  const trials = exposures ?? signals
  if (trials === null || trials <= 0) return null
  const bound = upperBound(0, trials)
  const knownChance = KNOWN_CHANCE.lock + KNOWN_CHANCE.unlock
  return {
    ...{ of, trials, upperBound: bound },
    hangsPerHour: bound * SIGNALS_PER_HOUR,
    ...{ knownChance, power: powerOf(trials, knownChance) },
  }
}
