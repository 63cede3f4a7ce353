import { conclude } from '../diagnosis/outcome.js'
import type { Outcome } from '../result/schema.js'
import { matches } from './cells.js'
import type { AxisValues } from './axes.js'
import type { Compat, CompatCell, Drift, Versions } from './compat.js'
import type { Known } from './spec.js'

type Judged = Pick<CompatCell, 'state' | 'tone' | 'outcome' | 'class'>

/** Good, bad or unsure; what is not decided is never good. */
export function toneOf(
  outcome: Outcome,
  facts: Parameters<typeof conclude>[2],
): CompatCell['tone'] {
  return ({ pass: 'good', fail: 'bad', neither: 'unsure' } as const)[
    conclude(outcome, 'no-deadlock', facts)
  ]
}

/**
 * What the spec says in advance of a cell, held against what was found.
 * @param today `YYYY-MM-DD`; the day that an entry names is the last on which it holds
 */
export function judgeKnown(
  cell: Judged & { readonly values: AxisValues },
  known: readonly Known[],
  today: string,
): CompatCell['known'] {
  const entry = known.find((candidate) => matches(candidate.cells, cell.values))
  if (entry === undefined) return null
  const { outcome, reason, expires = null } = entry
  const expired = expires !== null && expires < today
  return { outcome, reason, expires, state: expired ? 'expired' : stateOf(entry, cell) }
}

function stateOf({ outcome }: Known, cell: Judged): NonNullable<CompatCell['known']>['state'] {
  if (cell.outcome === null) return 'other'
  // “deadlock” means what `expect: deadlock` means: a livelock of the same bug is as well known.
  const facts = { class: cell.class as Parameters<typeof conclude>[2]['class'], exitCode: null }
  const asKnown =
    cell.outcome === outcome ||
    (outcome === 'deadlock' && conclude(cell.outcome, 'deadlock', facts) === 'pass')
  if (asKnown) return 'as-known'
  return cell.tone === 'good' ? 'gone' : 'other'
}

/**
 * A cell against the same cell of the baseline. Known faults are no regressions.
 * @param before `unreadable` where there is a baseline that nobody could read
 */
export function compareCell(
  cell: Judged & Pick<CompatCell, 'versions' | 'known'>,
  before: CompatCell | 'unreadable' | undefined,
): Pick<CompatCell, 'before' | 'change' | 'drift'> {
  if (before === 'unreadable') return { before: null, change: 'unknown', drift: [] }
  if (before === undefined) return { before: null, change: 'new', drift: [] }
  return {
    before: { state: before.state, outcome: before.outcome },
    change: changeOf(cell, before),
    drift: driftOf(before.versions, cell.versions),
  }
}

function changeOf(
  cell: Judged & Pick<CompatCell, 'known'>,
  before: CompatCell,
): CompatCell['change'] {
  if (cell.tone === 'unsure') return 'none'
  if (before.tone === 'unsure') return 'new'
  if (before.tone === cell.tone) return 'none'
  if (cell.tone === 'good') return 'fixed'
  return isKnown(cell) ? 'none' : 'regression'
}

/** Versions that differ although the same was asked for. */
function driftOf(before: Versions | null, now: Versions | null): Drift[] {
  if (before === null || now === null) return []
  return (Object.keys(now) as (keyof Versions)[])
    .filter((what) => before[what] !== now[what])
    .map((what) => ({ what, before: before[what], now: now[what] }))
}

/** True for a cell that does what the spec says is known of it, and for as long as it says. */
export function isKnown(cell: Pick<CompatCell, 'known'>): boolean {
  return cell.known?.state === 'as-known'
}

/** Cells that make a report fail, and cells that keep it from passing. */
export interface Judgement {
  readonly failing: readonly CompatCell[]
  readonly open: readonly CompatCell[]
  /** Of the open ones those with a fault that nobody can call new or old */
  readonly perhapsNew: readonly CompatCell[]
}

/**
 * `any`: every fault that is not known fails. `regression`: one that the baseline has not got, and one whose leave to
 * be there has run out; where the baseline could not be read, a fault may be one, and so keeps the report from passing.
 */
export function judge(cells: readonly CompatCell[], failOn: Compat['failOn']): Judgement {
  const unknown = cells.filter((cell) => !isKnown(cell))
  const faults = unknown.filter(({ tone }) => tone === 'bad')
  const failing = faults.filter(
    ({ change, known }) =>
      failOn !== 'regression' || change === 'regression' || known?.state === 'expired',
  )
  const unsure = unknown.filter(({ tone }) => tone === 'unsure')
  const perhapsNew = faults.filter((cell) => cell.change === 'unknown' && !failing.includes(cell))
  return { failing, open: [...unsure, ...perhapsNew], perhapsNew }
}
