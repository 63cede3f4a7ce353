import { describe, expect, it } from 'vitest'
import { documentText, tableText } from '../../bench/report.js'
import type { Measurement, Row } from '../../bench/measurement.js'

const ROW: Row = {
  what: 'cold build, median',
  ours: '60.1 s',
  beside: 'plain Dockerfile: 66.0 s',
  ratio: '0.91',
  goal: '≤ 1.0 ×',
  met: true,
}
const COLD: Measurement = {
  title: 'Cold build',
  how: ['Both from nothing.', 'By turns.'],
  rows: [ROW, { ...ROW, what: 'its worst', goal: '', met: null }, { ...ROW, met: false }],
  notes: ['Every build: 60.1 s.'],
}

describe('the table', () => {
  it('has a line for each row, and says of each goal whether it was met', () => {
    const lines = tableText([COLD]).trim().split('\n').slice(2)
    const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()))
    expect(cells.map((line) => line.at(1))).toEqual([
      'cold build, median',
      'its worst',
      'cold build, median',
    ])
    expect(cells.map((line) => line.at(-2))).toEqual(['yes', '', 'no'])
    expect(cells[0]).toContain('plain Dockerfile: 66.0 s')
  })
})

describe('the document', () => {
  it('says on what machine, how each was measured, and every run', () => {
    const text = documentText([COLD], '2026-01-01 on 2 cores')
    expect(text).toContain('2026-01-01 on 2 cores')
    expect(text).toContain('## Cold build\n\nBoth from nothing. By turns.')
    expect(text).toContain('Every build: 60.1 s.')
  })
})
