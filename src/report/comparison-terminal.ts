import type { Result } from '../result/schema.js'
import { comparisonTable } from './comparison-table.js'
import { tableLines } from './sweep-terminal.js'
import { visibleLine } from './visible.js'
import { wrap } from './wrap.js'

/** Both sides of a comparison for a terminal; nothing where nothing was compared. */
export function comparisonLines(result: Result, width: number): string[] {
  const { comparison } = result
  if (comparison === null) return []
  return [
    ...tableLines(comparisonTable(result, comparison)),
    '',
    ...wrap(`Before: ${visibleLine(comparison.base.headline)}`, width, '  '),
    ...wrap(`With the change: ${visibleLine(result.headline)}`, width, '  '),
  ]
}
