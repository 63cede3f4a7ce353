import type { RootContent } from 'mdast'
import type { Result } from '../result/schema.js'
import { comparisonTable } from './comparison-table.js'
import * as md from './markdown.js'
import { tableNodes } from './sweep-summary.js'

/** Both sides of a comparison in the step summary; nothing where nothing was compared. */
export function comparisonNodes(result: Result): RootContent[] {
  const { comparison } = result
  if (comparison === null) return []
  return [
    md.heading(3, `Compared with ${comparison.to}`),
    ...tableNodes(comparisonTable(result, comparison)),
    md.paragraph(...md.prose(`With the change: ${result.headline}`)),
    md.paragraph(...md.prose(`Before: ${comparison.base.headline}`)),
  ]
}
