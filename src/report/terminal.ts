import { styleText } from 'node:util'
import type { Culprit, Diagnosis, Victim } from '../diagnosis/schema.js'
import type { StoppedProcess } from '../gdb/types.js'
import { culpritText, headlineOf, threadText } from '../result/outputs.js'
import type { Result } from '../result/schema.js'
import type { Sweep } from '../sweep/schema.js'
import { comparisonLines } from './comparison-terminal.js'
import { countFacts, endingText, versionRows } from './facts.js'
import { frameLine, framesThatMatter, type ShownFrame } from './frames.js'
import { drawableGraph, graphSentences } from './graph.js'
import { type Standing, standingOf } from './standing.js'
import { decisionSentence } from './sweep-decision.js'
import { sweepLines } from './sweep-terminal.js'
import { verdictOf } from './verdict.js'
import type { Judged } from './verdict.js'
import { visibleLine } from './visible.js'
import { wrap } from './wrap.js'

export interface TerminalOptions {
  /** Whether to use colours; the caller looks at the terminal and NO_COLOR */
  readonly colour: boolean
  /** Columns to wrap sentences at */
  readonly width: number
  /** Where the report and the other files are; null when none were written */
  readonly reportPath: string | null
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
type Paint = (style: Style, text: string) => string

/** A result for a terminal: verdict, headline, story, the frames that matter, versions, counts, where the report is. */
export function terminalText(
  result: Result,
  process: StoppedProcess | null,
  options: TerminalOptions,
): string {
  const paint = makePaint(options)
  const { reportPath, width } = options
  return joinBlocks([
    verdictLines(result, paint, width),
    comparisonLines(result, width),
    diagnosisLines(result.diagnosis, process, paint, width),
    sweepBlock(result, paint, width),
    titled([['Versions', versionLines(result, paint)]], paint),
    runLines(result, paint, width),
    warningLines(result.warnings, width),
    reportPath === null ? [] : [`Report: ${paint('cyan', reportPath)}`],
  ])
}

/** A run without an image or a report, such as one on this host. */
export type BareRun = Pick<
  Result,
  'outcome' | 'expect' | 'conclusion' | 'headline' | 'diagnosis' | 'ending' | 'counts' | 'warnings'
>

/** Such a run for a terminal. */
export function bareRunText(
  run: BareRun,
  process: StoppedProcess | null,
  options: Omit<TerminalOptions, 'reportPath'>,
): string {
  const paint = makePaint(options)
  return joinBlocks([
    verdictLines(run, paint, options.width),
    diagnosisLines(run.diagnosis, process, paint, options.width),
    runLines(run, paint, options.width),
    warningLines(run.warnings, options.width),
  ])
}

/** A sweep of a program on this host for a terminal. */
export function sweptText(
  swept: Pick<
    Result,
    'outcome' | 'expect' | 'conclusion' | 'headline' | 'diagnosis' | 'warnings'
  > & {
    readonly sweep: Sweep
  },
  process: StoppedProcess | null,
  options: Omit<TerminalOptions, 'reportPath'>,
): string {
  const paint = makePaint(options)
  return joinBlocks([
    verdictLines(swept, paint, options.width),
    diagnosisLines(swept.diagnosis, process, paint, options.width),
    titled([['The sweep', sweepLines(swept.sweep, null, options.width)]], paint),
    warningLines(swept.warnings, options.width),
  ])
}

const MAX_UNREAD = 20

/** A diagnosis alone for a terminal: headline, story, the frames that matter, graph, advice, what could not be read. */
export function diagnosisText(
  diagnosis: Diagnosis,
  process: StoppedProcess | null,
  options: Omit<TerminalOptions, 'reportPath'>,
): string {
  const paint = makePaint(options)
  const { width } = options
  const unread = diagnosis.unread
    .slice(0, MAX_UNREAD)
    .flatMap((each) => wrap(`- ${visibleLine(each)}`, width, '  '))
  return joinBlocks([
    wrap(visibleLine(diagnosis.headline), width).map((line) => paint('bold', line)),
    diagnosisLines(diagnosis, process, paint, width),
    titled([['What could not be read', unread]], paint),
  ])
}

function makePaint({ colour }: Pick<TerminalOptions, 'colour'>): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text)
}

function joinBlocks(blocks: readonly string[][]): string {
  const shown = blocks.filter((block) => block.length > 0)
  return `${shown.map((block) => block.join('\n').trimEnd()).join('\n\n')}\n`
}

function warningLines(warnings: readonly string[], width: number): string[] {
  return warnings
    .slice(0, 20)
    .flatMap((warning) => wrap(`warning: ${visibleLine(warning)}`, width, '  '))
}

function verdictLines(
  result: Judged & Pick<Result, 'headline'>,
  paint: Paint,
  width: number,
): string[] {
  const { icon, title, against, tone } = verdictOf(result)
  const colours = { good: 'green', bad: 'red', unsure: 'yellow' } as const
  const first = `${icon} ${paint('bold', paint(colours[tone], title))} ${paint('dim', `(${against})`)}`
  return [first, ...wrap(visibleLine(headlineOf(result)), width)]
}

function diagnosisLines(
  diagnosis: Diagnosis | null,
  process: StoppedProcess | null,
  paint: Paint,
  width: number,
): string[] {
  if (diagnosis === null) return []
  const story = diagnosis.story.flatMap((step, index) => [
    ...wrap(`${index + 1}. ${visibleLine(step.text)}`, width, '   '),
    ...wrap(`   rests on ${visibleLine(step.rests)}`, width, '   ').map((line) =>
      paint('dim', line),
    ),
  ])
  const graph = drawableGraph(diagnosis.graph)
  const advice = diagnosis.advice
    .slice(0, 8)
    .flatMap(({ text, copy }) => [
      ...wrap(`- ${visibleLine(text)}`, width, '  '),
      ...(copy?.split('\n').map((line) => paint('cyan', `    ${visibleLine(line)}`)) ?? []),
    ])
  const sections: [title: string, lines: string[]][] = [
    ['What happened', story],
    ['The threads that matter', partyLines(diagnosis, process, paint)],
    ['Who waits for whom', graph === null ? [] : graphLines(graphSentences(graph), width)],
    ['What to do', advice],
  ]
  const kind = `Class ${diagnosis.class}, confidence ${diagnosis.confidence}.`
  const raise = diagnosis.raise === null ? '' : ` To raise it: ${visibleLine(diagnosis.raise)}`
  return [...titled(sections, paint), ...wrap(kind + raise, width)]
}

function titled(sections: readonly [string, string[]][], paint: Paint): string[] {
  return sections.flatMap(([title, lines]) =>
    lines.length === 0 ? [] : [paint('bold', title), ...lines, ''],
  )
}

function graphLines(sentences: readonly string[], width: number): string[] {
  return sentences.flatMap((sentence) => wrap(`- ${visibleLine(sentence)}`, width, '  '))
}

const MAX_PARTIES = 3

function partyLines(diagnosis: Diagnosis, process: StoppedProcess | null, paint: Paint): string[] {
  const lines = (party: Culprit | Victim, title: string, standing: Standing): string[] => [
    `  ${visibleLine(title)}`,
    ...framesThatMatter(party, process).flatMap((frame) => frameLines(frame, standing, paint)),
  ]
  const victims = diagnosis.victims.length - MAX_PARTIES
  return [
    ...diagnosis.culprits
      .slice(0, MAX_PARTIES)
      .flatMap((culprit) =>
        lines(culprit, `culprit: ${culpritText(culprit)}`, standingOf(diagnosis)),
      ),
    ...diagnosis.victims
      .slice(0, MAX_PARTIES)
      .flatMap((victim) => lines(victim, `victim: ${threadText(victim)}`, 'waits')),
    ...(victims > 0 ? [`and ${victims.toLocaleString('en-US')} more victims`] : []),
  ]
}

const STANDS = { waits: 'waiting', runs: 'running', crashed: 'crashed' } as const

function frameLines(frame: ShownFrame, standing: Standing, paint: Paint): string[] {
  const colours = { waiting: 'red', signal: 'yellow', interrupted: 'red' } as const
  const notes = {
    waiting: STANDS[standing],
    signal: 'a signal arrived here',
    interrupted: 'interrupted',
  }
  const gap = frame.skipped === 0 ? [] : [paint('dim', `    … ${frame.skipped} more`)]
  const line = `    ${frameLine(frame)}`
  if (frame.role === null) return [...gap, paint('dim', line)]
  return [...gap, `${paint(colours[frame.role], line)}  ${paint('dim', `<- ${notes[frame.role]}`)}`]
}

function versionLines(result: Result, paint: Paint): string[] {
  return versionRows(result).map((row) => {
    const asked = row.asked === null ? '' : paint('dim', `  (asked: ${visibleLine(row.asked)})`)
    return `  ${row.what.padEnd(22)}${visibleLine(row.built ?? 'not known')}${asked}`
  })
}

function sweepBlock(result: Result, paint: Paint, width: number): string[] {
  const { sweep } = result
  if (sweep === null) return []
  return titled([['The sweep', sweepLines(sweep, decisionSentence(result), width)]], paint)
}

function runLines(run: Parameters<typeof countFacts>[0], paint: Paint, width: number): string[] {
  const ending = wrap(visibleLine(endingText(run)), width).map((line) => `  ${line}`)
  const counts = countFacts(run).map((fact) => `  ${fact.name.padEnd(46)}${fact.value}`)
  return titled([['The run', [...ending, ...counts]]], paint)
}
