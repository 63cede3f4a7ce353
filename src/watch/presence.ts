import { elapsed } from './clock.js'
import type { Hold } from './clock.js'

/** A lost sampler has this long to be back; the target's exit, which takes it along, this long to be heard of. */
const RETURN_MS = 15_000
const EXIT_NEWS_MS = 2000
/** It tells something twice a second at least (native/progress). One that is silent may be stopped, and sees nothing. */
const FRESH_MS = 2000
const SILENT_MS = 15_000

/** Whether the sampler is there. Times are milliseconds since the target's start. */
export interface Presence {
  /** When it was first heard of; null while it was not */
  readonly sinceMs: number | null
  readonly seenAtMs: number
  readonly losses: readonly { readonly atMs: number; readonly detail: string }[]
}

export const NOT_YET: Presence = { sinceMs: null, seenAtMs: 0, losses: [] }

/** It told something. */
export function hear(presence: Presence, atMs: number): Presence {
  return { ...presence, sinceMs: presence.sinceMs ?? atMs, seenAtMs: atMs }
}

/** It ended. */
export function lose(presence: Presence, atMs: number, detail: string): Presence {
  return { ...presence, losses: [...presence.losses, { atMs, detail }] }
}

/** Watched for so long, and now: on a machine with much to do the sampler may come late. */
export function isWatched(
  { sinceMs, seenAtMs }: Presence,
  holds: readonly Hold[],
  nowMs: number,
  wantedMs: number,
): boolean {
  if (sinceMs === null || elapsed(holds, seenAtMs, nowMs) >= FRESH_MS) return false
  return elapsed(holds, sinceMs, nowMs) >= wantedMs
}

/** Why nobody watches any more, in plain words; null while it may be there, or be back. */
export function lossOf(
  { seenAtMs, losses }: Presence,
  holds: readonly Hold[],
  nowMs: number,
): string | null {
  const last = losses.at(-1)
  const here = last === undefined || seenAtMs > last.atMs
  if (here && elapsed(holds, seenAtMs, nowMs) >= SILENT_MS)
    return `the sampler told nothing for ${SILENT_MS / 1000} s`
  if (last === undefined || (here && losses.length < 2)) return null
  const patienceMs = losses.length > 1 ? EXIT_NEWS_MS : RETURN_MS
  return nowMs - last.atMs < patienceMs ? null : last.detail
}
