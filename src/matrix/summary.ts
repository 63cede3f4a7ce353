import type { PhrasingContent, RootContent, Table } from 'mdast'
import { type Chunk, fit } from '../report/fit.js'
import * as md from '../report/markdown.js'
import { tableNodes } from '../report/sweep-summary.js'
import type { Compat, CompatCell } from './compat.js'
import { gridOf } from './grid.js'
import { groupLeftOut, leftOutTitle } from './plan-text.js'
import { symbolizerTable, SYMBOLIZERS_TITLE } from './symbolizer-table.js'
import {
  cellIcon,
  cellMarks,
  cellWord,
  highlightsOf,
  verdictWords,
  workaroundText,
} from './words.js'

/** GitHub drops a summary of more than 1 MiB as a whole; some room for others and for masking. */
const LIMIT_BYTES = 1_048_576 - 16_384
const MAX_LISTED = 30

/** The compatibility table as Markdown; parts are left out, and that is said, where it would be too long for GitHub. */
export function compatMarkdown(
  compat: Compat,
  options: { readonly heldBytes: number; readonly artifactUrl: string | null },
): string {
  const parts: (readonly [rank: number, nodes: RootContent[]])[] = [
    [0, verdict(compat, options.artifactUrl)],
    [1, boundaries(compat)],
    [1, workarounds(compat)],
    [2, symbolizers(compat)],
    [2, highlights(compat)],
    [3, table(compat)],
    [4, notes(compat)],
    [5, leftOut(compat)],
  ]
  const chunks = parts
    .filter(([, nodes]) => nodes.length > 0)
    .map(([rank, children]): Chunk => ({ rank, text: md.markdownText({ type: 'root', children }) }))
  const note =
    '_This summary was shortened to fit into GitHub’s limit. compat.html has everything._'
  return fit(chunks, note, LIMIT_BYTES - options.heldBytes).text
}

function verdict(compat: Compat, artifactUrl: string | null): RootContent[] {
  const kinds = { pass: 'TIP', fail: 'CAUTION', neither: 'WARNING' } as const
  const link: RootContent[] =
    artifactUrl === null
      ? []
      : [
          md.paragraph({
            type: 'link',
            url: artifactUrl,
            children: [md.text('Download the table with each cell’s story')],
          }),
        ]
  const against =
    compat.baseline === null
      ? []
      : [
          md.paragraph(
            ...md.prose(`Compared with ${compat.baseline.where} of ${compat.baseline.createdAt}.`),
          ),
        ]
  const { word, rule } = verdictWords(compat)
  return [
    md.heading(2, `Compatibility: ${word} (${rule})`),
    md.alert(kinds[compat.conclusion], md.prose(compat.headline)),
    ...against,
    ...link,
  ]
}

function boundaries(compat: Compat): RootContent[] {
  if (compat.boundaries.length === 0) return []
  const items = compat.boundaries.map(({ axis, text }) => [
    md.paragraph(strong(`${axis}:`), md.text(' '), ...md.prose(`${text}.`)),
  ])
  return [md.heading(3, 'Where it begins and ends'), md.list(false, items)]
}

function workarounds(compat: Compat): RootContent[] {
  if (compat.workarounds.length === 0) return []
  const items = compat.workarounds.map((one) => [
    md.paragraph(strong(`${one.by}:`), md.text(' '), ...md.prose(`${workaroundText(one)}.`)),
  ])
  return [md.heading(3, 'Ways out that were tried'), md.list(false, items)]
}

function symbolizers(compat: Compat): RootContent[] {
  const made = symbolizerTable(compat.symbolizers)
  return made === null ? [] : [md.heading(3, SYMBOLIZERS_TITLE), ...tableNodes(made)]
}

function highlights(compat: Compat): RootContent[] {
  return highlightsOf(compat).flatMap(({ title, cells }) => {
    const items = cells
      .slice(0, MAX_LISTED)
      .map(({ cell, text }) => [md.paragraph(strong(cell.name), md.text(': '), ...md.prose(text))])
    const more = cells.length - items.length
    if (more > 0) items.push([md.paragraph(md.text(`and ${more} more`))])
    return [md.heading(3, title), md.list(false, items)]
  })
}

function table(compat: Compat): RootContent[] {
  const { common, columns, rows } = gridOf(compat)
  const lines = rows.map(({ name, listed, slots }) => [
    md.prose(listed ? `${name} (base from package lists)` : name),
    ...slots.map((cells) => slotText(cells)),
  ])
  return [
    md.heading(3, 'All cells'),
    ...(common.length === 0 ? [] : [md.paragraph(...md.prose(`All with ${common.join(', ')}.`))]),
    withHead(md.table(['', ...columns], lines), columns),
  ]
}

/** What stands above a column was asked for in a result, so it may be hostile too. */
function withHead(made: Table, columns: readonly string[]): Table {
  const [head, ...rows] = made.children
  if (head === undefined) return made
  const cells = head.children.map((cell, at) =>
    at === 0 ? cell : { ...cell, children: md.prose(columns[at - 1] ?? '') },
  )
  return { ...made, children: [{ ...head, children: cells }, ...rows] }
}

/** Strong text that may hold what a program or a file said. */
function strong(value: string): PhrasingContent {
  return { type: 'strong', children: md.prose(value) }
}

function slotText(cells: readonly CompatCell[]): PhrasingContent[] {
  if (cells.length === 0) return [md.text('–')]
  const words = cells.map((cell) => {
    const marks = cellMarks(cell)
    return `${cellIcon(cell)} ${cellWord(cell)}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`
  })
  return [md.text(words.join('; '))]
}

function notes(compat: Compat): RootContent[] {
  if (compat.notes.length === 0) return []
  const items = compat.notes.slice(0, MAX_LISTED).map((note) => [md.paragraph(...md.prose(note))])
  return [md.heading(3, 'Notes'), md.list(false, items)]
}

function leftOut(compat: Compat): RootContent[] {
  if (compat.leftOut.length === 0) return []
  const items = groupLeftOut(compat.leftOut).map((group) => [
    md.paragraph(strong(leftOutTitle(group)), md.text(': '), ...md.prose(group.reason)),
  ])
  return md.details(`${compat.leftOut.length} combinations were left out`, [md.list(false, items)])
}
