import type { RootContent } from 'mdast'
import {
  code,
  heading,
  list,
  markdownText,
  paragraph,
  table,
  text,
} from '../src/report/markdown.js'
import type { Measurement } from './measurement.js'

const HEAD = ['measure', 'ours', 'beside it', 'ratio', 'goal', 'met']

/** The table of all measures. */
export function tableText(measurements: readonly Measurement[]): string {
  return markdownText({ type: 'root', children: [ratioTable(measurements)] })
}

/** docs/bench.md: the table, and for each measure how it came about. */
export function documentText(measurements: readonly Measurement[], machine: string): string {
  const children = [
    paragraph(text('Made by '), code('npm run bench -- --write'), text(`: ${machine}.`)),
    ratioTable(measurements),
    ...measurements.flatMap(({ title, how, notes }) => [
      heading(2, title),
      paragraph(text(how.join(' '))),
      list(
        false,
        notes.map((note) => [paragraph(text(note))]),
      ),
    ]),
  ]
  return `# Benchmark\n\n${markdownText({ type: 'root', children })}`
}

function ratioTable(measurements: readonly Measurement[]): RootContent {
  const rows = measurements.flatMap((measurement) => measurement.rows)
  return table(
    HEAD,
    rows.map(({ what, ours, beside, ratio, goal, met }) =>
      [what, ours, beside, ratio, goal, met === null ? '' : met ? 'yes' : 'no'].map((cell) => [
        text(cell),
      ]),
    ),
  )
}
