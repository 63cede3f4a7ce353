import { isKnown } from './compare.js'
import { unwinds } from '../traceback/words.js'
import { countOf } from '../sweep/words.js'
import type { Compat, CompatCell, Drift, Workaround } from './compat.js'

/** A cell in one or two words: its outcome, or why it has none. */
export function cellWord({ state, outcome }: CompatCell): string {
  if (outcome !== null) return outcome
  return state === 'newer' ? 'newer schema' : state
}

export function cellIcon(cell: CompatCell): string {
  if (cell.tone === 'good') return '✅'
  if (cell.tone === 'unsure') return '⚠️'
  return isKnown(cell) ? '🔶' : '❌'
}

/** What a cell's word alone does not say. */
export function cellMarks(cell: CompatCell): string[] {
  const known = cell.known === null ? undefined : KNOWN_MARKS[cell.known.state]
  return [
    cell.change === 'regression' ? 'new' : '',
    cell.change === 'fixed' ? 'fixed' : '',
    known ?? '',
    cell.drift.length > 0 ? 'drifted' : '',
    cell.mitigation === null ? '' : MITIGATION_MARKS[cell.mitigation.state],
    isBlind(cell) ? 'unwinds nothing' : '',
    cell.planned ? '' : 'not in the spec',
  ].filter((mark) => mark !== '')
}

/** Was its symbolizer seen to give no frame but the interrupted one? Such a cell is safe because it does nothing. */
export function isBlind({ traceback }: CompatCell): boolean {
  return traceback !== null && unwinds(traceback) === false
}

const MITIGATION_MARKS = {
  'in-force': 'in force',
  idle: 'of no use here',
  absent: 'not in force',
} as const

const KNOWN_MARKS = {
  'as-known': 'known',
  expired: 'no longer excused',
  gone: 'no longer as known',
  other: 'not as known',
} as const

/** What is known of a cell and how it stands, in one sentence. */
export function knownText({ known }: CompatCell): string | null {
  if (known === null) return null
  const { outcome, reason, expires, state } = known
  const until = expires === null ? '' : ` until ${expires}`
  const stands = {
    'as-known': 'and so it is.',
    expired: 'but that day has passed.',
    gone: 'but it is not so any more: the entry can go.',
    other: 'but this is something else.',
  } as const
  return `Known as ${outcome}${until} (${reason}), ${stands[state]}`
}

export function driftText({ what, before, now }: Drift): string {
  return `${what} ${before ?? 'unknown'} → ${now ?? 'unknown'}`
}

/** @example 'held in 2 of 2 cells; 61 % of the throws per second without it' */
export function workaroundText({ held, failed, open, speed, speedCells }: Workaround): string {
  const tried = held + failed
  const parts = [
    tried === 0
      ? 'not in force or undecided in all'
      : `held in ${held} of ${countOf(tried, 'cell')}, in force in each`,
    ...(open > 0 && tried > 0 ? [`not in force or undecided in ${open} more`] : []),
    ...(speed === null
      ? []
      : [
          `${Math.round(speed * 100)} % of the throws per second of the same toolchain (${countOf(speedCells, 'cell')})`,
        ]),
  ]
  return parts.join('; ')
}

/** A title and the cells under it, for every way in which cells stand out. */
export interface Highlight {
  readonly title: string
  readonly cells: readonly { readonly cell: CompatCell; readonly text: string }[]
}

/** What a reader should look at first: new faults, what was fixed, drift, what is known, what is undecided. */
export function highlightsOf({ cells, baseline }: Compat): Highlight[] {
  const pick = (
    title: string,
    test: (cell: CompatCell) => boolean,
    text: (cell: CompatCell) => string,
  ): Highlight => ({
    title,
    cells: cells.filter(test).map((cell) => ({ cell, text: text(cell) })),
  })
  const was = (cell: CompatCell): string => ` Before: ${cell.before?.outcome ?? 'nothing'}.`
  const isOpen = (cell: CompatCell): boolean => cell.tone === 'bad' && !isKnown(cell)
  return [
    pick(
      'Newly at fault',
      ({ change }) => change === 'regression',
      (cell) => `${cell.headline}${was(cell)}`,
    ),
    pick(
      'Fixed',
      ({ change }) => change === 'fixed',
      (cell) => `${cell.headline}${was(cell)}`,
    ),
    pick(
      baseline === null ? 'At fault' : 'At fault as before, or for the first time seen',
      (cell) => isOpen(cell) && cell.change !== 'regression',
      ({ headline }) => headline,
    ),
    pick(
      'Undecided',
      (cell) => cell.tone === 'unsure',
      (cell) => `${cellWord(cell)}: ${cell.headline}`,
    ),
    pick(
      'Drifted: the same was asked for, and other versions came',
      ({ drift }) => drift.length > 0,
      ({ drift }) => `${drift.map(driftText).join(', ')}.`,
    ),
    pick(
      'Known',
      ({ known }) => known !== null,
      (cell) => knownText(cell) ?? '',
    ),
  ].filter((highlight) => highlight.cells.length > 0)
}

/** The report's verdict for a person, and the rule that it follows. */
export function verdictWords({ conclusion, failOn }: Compat): { word: string; rule: string } {
  const rule = {
    any: 'any fault that is not known fails',
    regression: 'a fault that the baseline has not got fails',
    never: 'nothing fails',
  } as const
  const word = { pass: 'Pass', fail: 'Fail', neither: 'Undecided' } as const
  return { word: word[conclusion], rule: rule[failOn] }
}
