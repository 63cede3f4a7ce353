import type { Sweep } from '../sweep/schema.js'
import { type FactTable, hazardSentence, triedTable } from './sweep-tables.js'
import { failureSentence, mapSentences, sweepSentences, windowSentence } from './sweep-words.js'
import { visibleLine } from './visible.js'
import { wrap } from './wrap.js'

const MAX_WINDOWS = 40
const MAX_HAZARDS = 5

/** What a sweep did and showed, in lines for a terminal; `decision` says what the outcome rests on. */
export function sweepLines(sweep: Sweep, decision: string | null, width: number): string[] {
  const { map, missing, notes, hazards } = sweep
  const windows = map?.windows ?? []
  const text = [...sweepSentences(sweep), ...(decision === null ? [] : [decision])].join(' ')
  const items = [
    ...sweep.failures.map((failure) => failureSentence(failure, sweep.function)),
    ...windows.slice(0, MAX_WINDOWS).map(windowSentence),
    ...(windows.length > MAX_WINDOWS
      ? [`${windows.length - MAX_WINDOWS} more windows are in the report.`]
      : []),
    ...missing.map((part) => `Missing: ${part}.`),
    ...notes,
    ...hazards.slice(0, MAX_HAZARDS).map((each) => `Hazard: ${hazardSentence(each)}`),
    ...(hazards.length > MAX_HAZARDS
      ? [`${hazards.length - MAX_HAZARDS} more hazards are in the report.`]
      : []),
  ]
  return [
    ...paragraph(text, width),
    ...(map === null ? [] : paragraph(mapSentences(map).join(' '), width)),
    ...tableLines(triedTable(sweep)),
    ...items.flatMap((item) => wrap(`  - ${visibleLine(item)}`, width, '    ')),
  ]
}

function paragraph(text: string, width: number): string[] {
  return wrap(`  ${visibleLine(text)}`, width, '  ')
}

/** Facts in rows, in columns as wide as what is in them. */
export function tableLines({ columns, rows }: FactTable): string[] {
  if (rows.length === 0) return []
  const lines = [
    columns.map(({ name }) => name),
    ...rows.map((row) => row.map((cell) => visibleLine(cell))),
  ]
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  )
  return lines.map((line) => {
    const cells = line.map((cell, index) => {
      const width = widths[index] ?? 0
      return columns[index]?.kind === 'number' ? cell.padStart(width) : cell.padEnd(width)
    })
    return `  ${cells.join('  ')}`.trimEnd()
  })
}
