import type { Sweep } from '../sweep/schema.js'
import { count, shareText } from '../sweep/words.js'
import type { Deadliness } from './schema.js'

/** How deadly a throw is, by its map; where all of it was survived a map says so too. */
export function deadlinessOf(sweep: Sweep | null): Deadliness {
  const map = sweep?.map ?? null
  if (map === null) return { instructions: null, of: null, rate: null }
  const instructions = new Set(map.deadly.map(({ step }) => step)).size
  const none = instructions === 0 && map.complete
  return { instructions, of: map.of, rate: none ? 0 : (map.time?.share ?? null) }
}

/** @example 'deadly instructions: 80 of 10,435 -> 0 of 10,657; predicted rate per signal: 1.4 % -> 0 %' */
export function deadlinessText(base: Deadliness, head: Deadliness): string {
  return [
    `deadly instructions: ${instructionsText(base)} -> ${instructionsText(head)}`,
    `predicted rate per signal: ${rateText(base)} -> ${rateText(head)}`,
  ].join('; ')
}

/** @example '80 of 10,435' */
export function instructionsText({ instructions, of }: Deadliness): string {
  if (instructions === null) return 'not known'
  return of === null ? count(instructions) : `${count(instructions)} of ${count(of)}`
}

/** @example '1.4 %' */
export function rateText({ rate }: Deadliness): string {
  if (rate === null) return 'not known'
  return rate === 0 ? '0 %' : shareText(rate)
}
