import { version } from '../version.js'
import { findBoundaries } from './boundary.js'
import type { CellPlan } from './cells.js'
import { compareCell, isKnown, judge, judgeKnown } from './compare.js'
import { COMPAT_VERSION } from './compat.js'
import type { Compat, CompatCell, FailOn } from './compat.js'
import { evidenceOf } from './evidence.js'
import { placeResults } from './place.js'
import type { ReadResult } from './read-results.js'
import { seenIn } from './seen.js'
import { compareSymbolizers } from './symbolizers.js'
import { adviseProven, findAttempts, sumUp } from './workarounds.js'

/** What a table is held against; null: nothing; `unreadable`: there should be something, and nobody could read it. */
export type TableBaseline =
  { readonly compat: Compat; readonly where: string } | 'unreadable' | null

/** What a table is made of. */
export interface TableInput {
  /** Null: there is no spec, and the results themselves say which cells there are */
  readonly plan: CellPlan | null
  readonly results: readonly ReadResult[]
  readonly baseline: TableBaseline
  readonly failOn: FailOn
  readonly now: Date
  readonly notes?: readonly string[]
}

/** All results as one table, held against spec and baseline. */
export function makeTable(input: TableInput): Compat {
  const { plan, failOn, now } = input
  const lost = input.baseline === 'unreadable'
  const baseline = input.baseline === 'unreadable' ? null : input.baseline
  const before = new Map(baseline?.compat.cells.map((cell) => [cell.id, cell]))
  const today = now.toISOString().slice(0, 10)
  const cells = placeResults(plan, input.results).map(({ place: at, found }): CompatCell => {
    const { values } = at
    const seen = seenIn(found)
    const known = judgeKnown({ ...seen, values }, plan?.known ?? [], today)
    return {
      ...{ id: at.id, slug: at.slug, name: at.name, values: { ...values }, planned: at.planned },
      ...seen,
      evidence: evidenceOf(values),
      known,
      ...compareCell({ ...seen, known }, lost ? 'unreadable' : before.get(at.id)),
      where: found.map(({ where }) => where).join(', ') || null,
    }
  })
  const attempts = findAttempts(cells)
  const here = new Set(cells.map(({ id }) => id))
  const gone = (baseline?.compat.cells ?? []).filter(({ id }) => !here.has(id))
  return {
    schemaVersion: COMPAT_VERSION,
    tool: { name: 'cgo-deadlock-action', version },
    createdAt: now.toISOString(),
    baseline:
      baseline === null ? null : { createdAt: baseline.compat.createdAt, where: baseline.where },
    failOn,
    ...concludeTable(cells, failOn),
    boundaries: findBoundaries(cells),
    workarounds: sumUp(attempts),
    symbolizers: compareSymbolizers(cells),
    cells: adviseProven(cells, attempts),
    leftOut: [...(plan?.leftOut ?? [])],
    notes: [
      ...(input.notes ?? []),
      ...(plan?.notes ?? []),
      ...gone.map(({ name }) => `The baseline has a cell that is not here any more: ${name}.`),
    ],
  }
}

const BASELINE_LOST = 'What of that is new can’t be said, since the baseline could not be read.'

function concludeTable(
  cells: readonly CompatCell[],
  failOn: FailOn,
): Pick<Compat, 'conclusion' | 'headline'> {
  if (cells.length === 0) return { conclusion: 'neither', headline: 'There are no results.' }
  const { failing, open, perhapsNew } = judge(cells, failOn)
  const lost = perhapsNew.length > 0 ? ` ${BASELINE_LOST}` : ''
  const headline = `${describeCells(cells)}${lost}`
  if (failOn === 'never') return { conclusion: 'pass', headline }
  return {
    conclusion: failing.length > 0 ? 'fail' : open.length > 0 ? 'neither' : 'pass',
    headline,
  }
}

/** @example '4 of 6 cells are free of faults, 2 have one (1 known, 1 new).' */
function describeCells(cells: readonly CompatCell[]): string {
  const count = (test: (cell: CompatCell) => boolean): number => cells.filter(test).length
  const bad = count(({ tone }) => tone === 'bad')
  const unsure = count(({ tone }) => tone === 'unsure')
  const known = count((cell) => cell.tone === 'bad' && isKnown(cell))
  const fresh = count(({ change }) => change === 'regression')
  const details = [known > 0 ? `${known} known` : '', fresh > 0 ? `${fresh} new` : '']
    .filter((detail) => detail !== '')
    .join(', ')
  const good = count(({ tone }) => tone === 'good')
  const parts = [
    good === cells.length && good > 1
      ? `All ${good} cells are free of faults`
      : `${good} of ${cells.length} ${cells.length === 1 ? 'cell is' : 'cells are'} free of faults`,
    bad === 0 ? '' : `${bad} ${bad === 1 ? 'has' : 'have'} one${details && ` (${details})`}`,
    unsure === 0 ? '' : `${unsure} ${unsure === 1 ? 'is' : 'are'} undecided`,
  ]
  return `${parts.filter((part) => part !== '').join(', ')}.`
}
