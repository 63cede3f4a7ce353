import type { FactTable } from '../report/sweep-tables.js'
import { timeText } from '../traceback/words.js'
import type { SymbolizerRow } from './compat.js'

export const SYMBOLIZERS_TITLE = 'Symbolizers side by side'

/** The comparison as a table for a person; null where there is nothing to compare. */
export function symbolizerTable(rows: readonly SymbolizerRow[]): FactTable | null {
  if (rows.length === 0) return null
  const cost = rows.some(({ speed }) => speed !== null)
  return {
    columns: [
      { name: 'Symbolizer', kind: 'text' },
      { name: 'Faults', kind: 'text' },
      { name: 'Unwinds C', kind: 'text' },
      { name: 'Frames of a traceback', kind: 'number' },
      { name: 'Time of one', kind: 'number' },
      { name: 'C functions that the profile names', kind: 'text' },
      ...(cost ? [{ name: 'Throws per second, against none', kind: 'number' as const }] : []),
    ],
    rows: rows.map((row) => [
      row.symbolizer,
      faultsText(row),
      unwindsText(row),
      row.frames === null ? '' : row.frames.toFixed(1),
      timeText(row.microseconds),
      row.names.join(', '),
      ...(cost ? [row.speed === null ? '' : `${Math.round(row.speed * 100)} %`] : []),
    ]),
  }
}

function faultsText({ faults, undecided, cells }: SymbolizerRow): string {
  const open = undecided === 0 ? '' : `, ${undecided} undecided`
  return `${faults} of ${cells - undecided}${open}`
}

/** One that unwinds nothing can't hang: a row without faults is no merit then. */
function unwindsText({ unwinds: sees, blind }: SymbolizerRow): string {
  if (sees + blind === 0) return ''
  return blind === 0 ? 'yes' : sees === 0 ? 'no' : `in ${sees} of ${sees + blind} cells`
}
