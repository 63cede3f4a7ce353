import { styleText } from 'node:util'
import { visibleLine } from '../report/visible.js'
import { wrap } from '../report/wrap.js'
import type { Inspection, InspectionReport, Reason, Verdict } from './schema.js'

export interface InspectionTextOptions {
  readonly colour: boolean
  /** Columns to wrap sentences at */
  readonly width: number
}

type Paint = (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string

const LOOKS = {
  vulnerable: { icon: '❌', colour: 'red' },
  safe: { icon: '✅', colour: 'green' },
  unknown: { icon: '⚠️', colour: 'yellow' },
} as const

/** What was found, for a terminal. Of many programs those that are safe are only counted. */
export function inspectionText(report: InspectionReport, options: InspectionTextOptions): string {
  const paint: Paint = (style, text) =>
    options.colour ? styleText(style, text, { validateStream: false }) : text
  const { programs } = report
  const shown =
    programs.length === 1 ? programs : programs.filter(({ verdict }) => verdict !== 'safe')
  const safe = programs.length - shown.length
  const blocks = shown.map((program) => programLines(program, paint, options.width).join('\n'))
  const rest =
    safe === 0 ? [] : [verdictLine('safe', `${safe} of ${programs.length} programs`, paint)]
  return `${[...blocks, ...rest].join('\n\n')}\n`
}

function verdictLine(verdict: Verdict, what: string, paint: Paint): string {
  const { icon, colour } = LOOKS[verdict]
  return `${icon} ${paint('bold', paint(colour, verdict))} ${paint('dim', `(${visibleLine(what)})`)}`
}

function programLines(inspection: Inspection, paint: Paint, width: number): string[] {
  const { verdict, program, headline, reasons, wouldChange } = inspection
  return [
    verdictLine(verdict, program, paint),
    ...wrap(visibleLine(headline), width),
    '',
    paint('bold', 'Why'),
    ...reasons.flatMap((reason) => reasonLines(reason, paint, width)),
    ...(wouldChange.length === 0 ? [] : ['', paint('bold', 'What would change it')]),
    ...wouldChange.flatMap((each) => wrap(`- ${visibleLine(each)}`, width, '  ')),
    '',
    paint('bold', 'What it is'),
    ...factLines(inspection),
  ]
}

function reasonLines({ text, evidence }: Reason, paint: Paint, width: number): string[] {
  const where =
    evidence === null
      ? []
      : wrap(
          `  ${visibleLine(`${evidence.file}: ${evidence.where}: ${evidence.value}`)}`,
          width,
          '  ',
        )
  return [
    ...wrap(`- ${visibleLine(text)}`, width, '  '),
    ...where.map((line) => paint('dim', line)),
  ]
}

function factLines({ architecture, libc, go, unwinders, missing }: Inspection): string[] {
  const symbolizer = go?.symbolizer ?? null
  const rows: [string, string][] = [
    ['Architecture', architecture],
    ['C library', [libc.kind, libc.version].filter((part) => part !== null).join(' ')],
    ['Go', go === null ? 'no' : (go.version ?? 'yes, version not known')],
    ...(symbolizer === null
      ? []
      : [['Symbolizer', `${symbolizer.module} ${symbolizer.version}`] as [string, string]]),
    ...unwinders.map(({ kind, linkage, version, lookup, usedBy }): [string, string] => [
      'Unwinder',
      `${[linkage, kind, version].filter((part) => part !== null).join(' ')}, ${lookup}` +
        (usedBy.length === 0 ? '' : `, used by ${usedBy.join(' and ')}`),
    ]),
    ...(missing.length === 0 ? [] : [['Not found', missing.join(', ')] as [string, string]]),
  ]
  return rows.map(([name, value]) => `  ${name.padEnd(14)}${visibleLine(value)}`)
}
