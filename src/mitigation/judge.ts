import type { Inspection } from '../inspect/schema.js'
import type { Sweep, SweepTried } from '../sweep/schema.js'
import { count, countOf, passageName } from '../sweep/words.js'
import type { BuiltToolchain } from '../toolchain/types.js'
import { GUARD_PATH } from './guard.js'
import type { Mitigation } from './schema.js'

/** Which part of an experiment. */
export type Part = 'sweep' | 'natural'

/** A process that had the guard loaded, as it showed from outside. */
export interface GuardSeen {
  readonly part: Part
  readonly pid: number
  readonly called: boolean
}

/** What there is to tell whether the guard was at work. */
export interface GuardFacts {
  /** Why it was not even tried; null when it was */
  readonly refused: string | null
  readonly sweep: Sweep | null
  /** Was there a natural run? */
  readonly natural: boolean
  readonly seen: readonly GuardSeen[]
  /** How the unwinder finds frames, as far as that is known */
  readonly lookup: BuiltToolchain['unwinder']['lookup']
}

interface PartState {
  readonly state: Mitigation['state']
  readonly sentence: string
}

/** Why no guard can be put into this program, or null: it is built for glibc, and musl ends a program whose preload lacks a library. */
export function whyNoGuard(inspection: Pick<Inspection, 'libc'> | null): string | null {
  if (inspection?.libc.kind !== 'musl') return null
  return 'The program’s C library is musl, and the guard is built for glibc, so it was left out.'
}

/** How the unwinders in a program find frames, as its files say; one that takes the lock is enough. */
export function lookupOf(inspection: Pick<Inspection, 'unwinders'> | null): GuardFacts['lookup'] {
  const lookups = (inspection?.unwinders ?? [])
    .filter(({ usedBy }) => usedBy.length > 0)
    .map(({ lookup }) => lookup)
  if (lookups.includes('dl_iterate_phdr')) return 'dl_iterate_phdr'
  return lookups.length > 0 && !lookups.includes('unknown') ? '_dl_find_object' : 'unknown'
}

/** Was the guard at work? Each part of the experiment must show that it was, from the target itself. */
export function judgeGuard(facts: GuardFacts): Mitigation {
  if (facts.refused !== null) return { name: 'guard', state: 'absent', evidence: [facts.refused] }
  const parts = [judgeSweep(facts), judgeNatural(facts)].filter((part) => part !== null)
  const evidence = parts.map(({ sentence }) => sentence)
  if (facts.lookup === '_dl_find_object') {
    const loaded = facts.seen.length > 0
    return {
      name: 'guard',
      state: loaded ? 'idle' : 'absent',
      evidence: [
        ...(loaded ? [] : [NOT_LOADED]),
        'The unwinder of this toolchain finds frames with _dl_find_object and never calls what the guard covers.',
      ],
    }
  }
  const state = WORST_FIRST.find((each) => parts.some((part) => part.state === each)) ?? 'absent'
  return { name: 'guard', state, evidence: evidence.length === 0 ? [NOT_LOADED] : evidence }
}

const WORST_FIRST = ['absent', 'idle', 'in-force'] as const

const NOT_LOADED =
  'No process of the program was seen to have it loaded. A static program takes no preload, nor does one that gets more rights than who started it (setuid, file capabilities).'

/** The throw itself shows it: its way leads through the guard, and has instructions at which the signal is blocked. */
function judgeSweep({ sweep, seen }: GuardFacts): PartState | null {
  if (sweep === null || sweep.way === null) return null
  const name = passageName(sweep.function)
  if (!sweep.way.files.includes(GUARD_PATH)) {
    const loaded = seen.some(({ part }) => part === 'sweep')
    return loaded
      ? { state: 'idle', sentence: `The way of ${name} does not lead through the guard.` }
      : { state: 'absent', sentence: NOT_LOADED }
  }
  const open = sweep.tried.find((row) => row.complete && row.leftOut.blocked === 0)
  if (open !== undefined)
    return {
      state: 'absent',
      sentence: `The way of ${name} leads through the guard, but no signal was blocked there (${open.temperature}, ${open.pattern}).`,
    }
  return { state: 'in-force', sentence: describeBlocked(name, sweep.tried) }
}

function describeBlocked(name: string, tried: readonly SweepTried[]): string {
  const rows = tried.filter(({ leftOut, complete }) => complete && leftOut.blocked > 0)
  const dense = rows.find(({ pattern }) => pattern === 'dense') ?? rows[0]
  const way = `The way of ${name} leads through the guard`
  if (dense === undefined) return `${way}.`
  const { leftOut, steps, temperature } = dense
  return `${way}, which kept signals out at ${count(leftOut.blocked)} of the ${countOf(steps - leftOut.repeated, 'instruction')} of a ${temperature} one.`
}

function judgeNatural({ natural, seen }: GuardFacts): PartState | null {
  if (!natural) return null
  const there = seen.filter(({ part }) => part === 'natural')
  if (there.some(({ called }) => called))
    return {
      state: 'in-force',
      sentence: 'While the program ran by itself it had the guard loaded and called it.',
    }
  return there.length > 0
    ? { state: 'idle', sentence: 'The program had the guard loaded and never called it.' }
    : { state: 'absent', sentence: NOT_LOADED }
}
