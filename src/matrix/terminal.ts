import { stripVTControlCharacters, styleText } from 'node:util'
import { tableLines as factLines } from '../report/sweep-terminal.js'
import { visibleLine } from '../report/visible.js'
import type { Compat, CompatCell } from './compat.js'
import { gridOf } from './grid.js'
import { groupLeftOut, leftOutTitle } from './plan-text.js'
import { symbolizerTable, SYMBOLIZERS_TITLE } from './symbolizer-table.js'
import { cellMarks, cellWord, highlightsOf, verdictWords, workaroundText } from './words.js'

const MAX_LISTED = 12
const MAX_LEFT_OUT = 5

/** The compatibility table for a terminal. */
export function compatText(compat: Compat, style: { readonly colour: boolean }): string {
  const paint = (format: Format, text: string): string =>
    style.colour ? styleText(format, text, { validateStream: false }) : text
  const tone = ({ pass: 'green', fail: 'red', neither: 'yellow' } as const)[compat.conclusion]
  const { word, rule } = verdictWords(compat)
  const lines = [
    `${paint(['bold', tone], word)} (${rule}): ${compat.headline}`,
    '',
    ...tableLines(compat, paint),
    ...compat.boundaries.flatMap(({ axis, text }, at) => [
      ...(at === 0 ? ['', paint('bold', 'Where it begins and ends')] : []),
      `  ${axis}: ${text}`,
    ]),
    ...listLines(
      'Ways out that were tried',
      compat.workarounds.map((one) => `${one.by}: ${workaroundText(one)}`),
      MAX_LISTED,
      paint,
    ),
    ...symbolizerLines(compat, paint),
    ...highlightLines(compat, paint),
    ...listLines('Notes', compat.notes, MAX_LISTED, paint),
    ...listLines(
      'Left out',
      groupLeftOut(compat.leftOut).map((group) => `${leftOutTitle(group)}: ${group.reason}`),
      MAX_LEFT_OUT,
      paint,
    ),
  ]
  return `${lines.join('\n')}\n`
}

type Format = Parameters<typeof styleText>[0]
type Paint = (format: Format, text: string) => string

function tableLines(compat: Compat, paint: Paint): string[] {
  const { common, columns, rows } = gridOf(compat)
  const body = rows.map(({ name, slots }) => [
    visibleLine(name),
    ...slots.map((cells) => cells.map((cell) => slotText(cell, paint)).join('; ') || '–'),
  ])
  const head = ['', ...columns.map((column) => visibleLine(column))]
  const widths = head.map((title, at) =>
    Math.max(...[title, ...body.map((line) => line[at] ?? '')].map(shownLength)),
  )
  const lay = (line: readonly string[]): string =>
    line
      .map((text, at) => pad(text, widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    ...(common.length === 0 ? [] : [visibleLine(`All with ${common.join(', ')}.`)]),
    paint('bold', lay(head)),
    ...body.map(lay),
  ]
}

function slotText(cell: CompatCell, paint: Paint): string {
  const marks = cellMarks(cell)
  const word = `${cellWord(cell)}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`
  return paint(({ good: 'green', bad: 'red', unsure: 'yellow' } as const)[cell.tone], word)
}

function symbolizerLines({ symbolizers }: Compat, paint: Paint): string[] {
  const made = symbolizerTable(symbolizers)
  return made === null ? [] : ['', paint('bold', SYMBOLIZERS_TITLE), ...factLines(made)]
}

function highlightLines(compat: Compat, paint: Paint): string[] {
  return highlightsOf(compat).flatMap(({ title, cells }) =>
    listLines(
      title,
      cells.map(({ cell, text }) => `${cell.name}: ${text}`),
      MAX_LISTED,
      paint,
    ),
  )
}

function listLines(title: string, items: readonly string[], max: number, paint: Paint): string[] {
  if (items.length === 0) return []
  const more = items.length > max ? [`  … and ${items.length - max} more`] : []
  return [
    '',
    paint('bold', title),
    ...items.slice(0, max).map((item) => `  ${visibleLine(item)}`),
    ...more,
  ]
}

function shownLength(text: string): number {
  return stripVTControlCharacters(text).length
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - shownLength(text)))
}
