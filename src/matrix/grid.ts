import { groupBy } from '../report/group-by.js'
import { AXES, AXIS_NAMES, valueOf } from './axes.js'
import type { AxisName } from './axes.js'
import type { Compat, CompatCell } from './compat.js'

/** Rows are toolchains, columns symbolizers and experiments. */
export interface Grid {
  /** What all cells have in common, in words */
  readonly common: readonly string[]
  readonly columns: readonly string[]
  readonly rows: readonly GridRow[]
}

export interface GridRow {
  readonly name: string
  /** Where the catalog knew the base from package lists only */
  readonly listed: boolean
  /** One slot a column; more than one cell in it where results belong to no cell of the spec */
  readonly slots: readonly (readonly CompatCell[])[]
}

/** The cells as a table; an axis on which they all agree is said once, beside it. */
export function gridOf({ cells }: Pick<Compat, 'cells'>): Grid {
  const real = cells.filter((cell) => !isUnplaced(cell))
  const varying = AXIS_NAMES.filter(
    (name) => new Set(real.map((cell) => valueOf(cell.values, name))).size > 1,
  )
  const namesOn = (side: 'row' | 'column'): AxisName[] =>
    varying.filter((name) => AXES[name].side === side)
  const rowNames = namesOn('row')
  const columnNames = namesOn('column')
  const columnKeys = columnNames.length === 0 ? (['symbolizer'] as const) : columnNames
  const columns = unique(real.map((cell) => phrases(cell, columnKeys)))
  if (columns.length === 0) columns.push('')
  const rows = groupBy(cells, (cell) => (isUnplaced(cell) ? cell.name : phrases(cell, rowNames)))
  return {
    common: AXIS_NAMES.filter((name) => !varying.includes(name) && !isColumn(name, columnKeys))
      .map((name) => commonPhrase(real, name))
      .filter((phrase) => phrase !== ''),
    columns,
    rows: [...rows].map(([name, members]) => ({
      name,
      listed: members.some(({ evidence }) => evidence === 'listed'),
      slots: columns.map((column, at) =>
        members.filter((cell) =>
          isUnplaced(cell) ? at === 0 : phrases(cell, columnKeys) === column,
        ),
      ),
    })),
  }
}

/** An unreadable result that belongs to no cell of the spec: nobody knows what it was asked. */
function isUnplaced(cell: CompatCell): boolean {
  return !cell.planned && (cell.state === 'damaged' || cell.state === 'newer')
}

function isColumn(name: AxisName, columns: readonly AxisName[]): boolean {
  return columns.includes(name)
}

function phrases(cell: CompatCell, names: readonly AxisName[]): string {
  const words = names.flatMap((name) => {
    const value = valueOf(cell.values, name)
    return value === '' ? [] : [AXES[name].phrase(value)]
  })
  return words.length === 0 ? 'today’s toolchain' : words.join(', ')
}

/** Said only where somebody asked for it. */
function commonPhrase(cells: readonly CompatCell[], name: AxisName): string {
  const value = cells[0]?.values[name]
  return value === undefined ? '' : AXES[name].phrase(value)
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)]
}
