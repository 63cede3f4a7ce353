import { placeText } from '../sweep/place.js'
import { STRIDE } from '../sweep/series.js'
import type { DeadlyMap, Hazard, Sweep, SweepTried } from '../sweep/schema.js'
import { count, countOf, listed } from '../sweep/words.js'
import { rangeOfPlaces, rangeText } from './sweep-words.js'

/** Facts in rows, for whoever prints them. */
export interface FactTable {
  readonly columns: readonly {
    readonly name: string
    readonly kind: 'text' | 'number' | 'code'
  }[]
  /** As many cells as columns; an empty one says nothing */
  readonly rows: readonly (readonly string[])[]
}

/** One row for each signal, temperature and pattern. */
export function triedTable({ tried }: Pick<Sweep, 'tried'>): FactTable {
  return {
    columns: [
      { name: 'Signal', kind: 'text' },
      { name: 'Throw', kind: 'text' },
      { name: 'Pattern', kind: 'text' },
      { name: 'Passages', kind: 'number' },
      { name: 'Steps', kind: 'number' },
      { name: 'Signals', kind: 'number' },
      { name: 'Entered', kind: 'number' },
      { name: 'Returned', kind: 'number' },
      { name: 'Left out', kind: 'text' },
    ],
    rows: tried.map((row) => [
      row.signal.name,
      row.temperature,
      row.pattern,
      `${count(row.throws)} of ${row.pattern === 'dense' ? 1 : STRIDE}`,
      count(row.steps),
      count(row.signals),
      row.entered === null ? '' : count(row.entered),
      count(row.returned),
      leftOutText(row.leftOut),
    ]),
  }
}

function leftOutText({ repeated, blocked, avoided }: SweepTried['leftOut']): string {
  const parts: [number: number, why: string][] = [
    [repeated, 'repeated'],
    [blocked, 'blocked'],
    [avoided, 'on request'],
  ]
  return parts
    .filter(([number]) => number > 0)
    .map(([number, why]) => `${count(number)} ${why}`)
    .join(', ')
}

/** What the columns mean, for whoever reads the table of what was tried for the first time. */
export const TRIED_LEGEND =
  'Dense: a signal at every instruction of one passage. Strided: at every 16th, in 16 passages that each begin one later, since one signal can hide what the next would do. Cold: the first passage in the life of a process; warm: a later one. Entered: handlers seen in the traceback function. Repeated: further rounds of a repeated string instruction, which had its signal in the first. Blocked: instructions at which the thread keeps the signal out, as around a lock; it comes at the first instruction behind, which had one too.'

/** The windows of the map. */
export function windowTable({ windows }: Pick<DeadlyMap, 'windows'>): FactTable {
  return {
    columns: [
      { name: 'Steps', kind: 'number' },
      { name: 'Instructions', kind: 'code' },
      { name: 'Takes a lock', kind: 'text' },
      { name: 'What happens', kind: 'text' },
      { name: 'Thread then at', kind: 'code' },
      { name: 'Signals', kind: 'text' },
    ],
    rows: windows.map((window) => [
      rangeText(window.from, window.to),
      rangeOfPlaces(window.first, window.last),
      window.locked ? 'yes' : 'no',
      listed(window.kinds),
      window.waiting === null ? '' : placeText(window.waiting),
      listed(window.signals),
    ]),
  }
}

/** @example '_rtld_global+2352 (0x7f…): cmpxchg in the swept code, cmpxchg in the handler' */
export function hazardSentence({ memory, symbol, swept, handler }: Hazard): string {
  return `${symbol ?? 'Memory'} at ${memory}: changed by ${placeText(swept.at)} (${swept.kind}), and by the handler in ${placeText(handler.at)} (${handler.kind}).`
}

/** What hazards are, before they are listed. */
export function hazardIntroduction(hazards: readonly Hazard[]): string {
  const locks = hazards.filter(({ kind }) => kind === 'lock').length
  const counters = hazards.length - locks
  const kinds = [
    ...(locks > 0
      ? [countOf(locks, 'word is exchanged as a lock is', 'words are exchanged as locks are')]
      : []),
    ...(counters > 0 ? [countOf(counters, 'is counted up or down', 'are counted up or down')] : []),
  ]
  return `The interrupted code and the handler change the same memory with locked instructions: ${kinds.join(', ')}. Where that is a lock, a thread can come to wait for itself, even if no signal of this sweep made it.`
}
