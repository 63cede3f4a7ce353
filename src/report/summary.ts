import type { PhrasingContent, RootContent } from 'mdast'
import type { Culprit, Diagnosis } from '../diagnosis/schema.js'
import { culpritText, headlineOf, threadText } from '../result/outputs.js'
import type { Result } from '../result/schema.js'
import { countFacts, endingText, seconds, versionRows } from './facts.js'
import { comparisonNodes } from './comparison-summary.js'
import { type Chunk, fit } from './fit.js'
import { frameLine, framesThatMatter, type ShownFrame } from './frames.js'
import { drawableGraph, graphSentences, mermaidText } from './graph.js'
import * as md from './markdown.js'
import { sweepNodes } from './sweep-summary.js'
import type { EvidenceTexts, ReportMaterial } from './types.js'
import { verdictOf } from './verdict.js'

/** GitHub drops a summary of more than 1 MiB as a whole. */
const SUMMARY_LIMIT_BYTES = 1_048_576
/** Room for what others add to the same step's summary after us, and for secrets that masking makes longer. */
const MARGIN_BYTES = 16_384

export interface SummaryOptions {
  /** Bytes that the step's summary file holds already */
  readonly heldBytes: number
  /** Where the artifact can be fetched; null when nothing was uploaded */
  readonly artifactUrl: string | null
}

/**
 * The step summary in GitHub's Markdown. It degrades to stay under GitHub's limit: first without the longest dumps, then
 * without any, then without its last sections, and says so. It is never cut inside a section.
 */
export function summaryMarkdown(material: ReportMaterial, options: SummaryOptions): string {
  const room = SUMMARY_LIMIT_BYTES - MARGIN_BYTES - options.heldBytes
  const chunks = [...sections(material, options), ...dumps(material.texts)]
  const where = options.artifactUrl === null ? 'The files of this run have' : 'The artifact has'
  const note = `_This summary was shortened to fit into GitHub’s limit. ${where} everything._`
  return fit(chunks, note, room).text
}

/** The sections in document order; the rank is the order in which they are kept. */
function sections(material: ReportMaterial, options: SummaryOptions): Chunk[] {
  const { result } = material
  const parts: (readonly [rank: number, nodes: RootContent[]])[] = [
    [0, verdict(result)],
    [0, comparisonNodes(result)],
    [1, story(result.diagnosis)],
    [2, advice(result.diagnosis)],
    [5, threads(material)],
    [6, graph(result.diagnosis)],
    [2, sweepNodes(result)],
    [3, versions(result)],
    [4, run(result)],
    [7, warnings(result)],
    [8, evidence(result, options)],
  ]
  return parts
    .filter(([, nodes]) => nodes.length > 0)
    .map(([rank, nodes]) => ({ rank, text: md.markdownText({ type: 'root', children: nodes }) }))
}

function verdict(result: Result): RootContent[] {
  const { icon, title, against, tone } = verdictOf(result)
  const kind = tone === 'good' ? 'TIP' : tone === 'bad' ? 'CAUTION' : 'WARNING'
  return [
    md.heading(2, `${icon} ${title} (${against})`),
    md.alert(kind, md.prose(headlineOf(result))),
  ]
}

function story(diagnosis: Diagnosis | null): RootContent[] {
  if (diagnosis === null) return []
  const steps = diagnosis.story.map((step) => [
    md.paragraph(
      ...md.prose(`${step.text} `),
      md.emphasis('Rests on'),
      md.text(' '),
      md.code(step.rests),
    ),
  ])
  const kind = md.paragraph(
    md.text('Class '),
    md.code(diagnosis.class),
    md.text(`, confidence ${diagnosis.confidence}.`),
    ...(diagnosis.raise === null ? [] : md.prose(` To raise it: ${diagnosis.raise}`)),
  )
  const also = diagnosis.also
    .slice(0, 5)
    .map((other) => [
      md.paragraph(
        md.code(other.class),
        md.text(` (${other.confidence}): `),
        ...md.prose(other.headline),
      ),
    ])
  return [
    ...(steps.length === 0 ? [] : [md.heading(3, 'What happened'), md.list(true, steps)]),
    kind,
    ...(also.length === 0 ? [] : [md.paragraph(md.text('Also possible:')), md.list(false, also)]),
  ]
}

function advice(diagnosis: Diagnosis | null): RootContent[] {
  if (diagnosis === null || diagnosis.advice.length === 0) return []
  const items = diagnosis.advice
    .slice(0, 8)
    .map(({ text, copy }) => [
      md.paragraph(...md.prose(text)),
      ...(copy === null ? [] : [md.fence(copy)]),
    ])
  return [md.heading(3, 'What to do'), md.list(false, items)]
}

const MAX_CULPRITS = 4
const MAX_VICTIMS = 4

function threads({ result, process }: ReportMaterial): RootContent[] {
  const { diagnosis } = result
  if (diagnosis === null || diagnosis.culprits.length + diagnosis.victims.length === 0) return []
  const shown = [
    ...diagnosis.culprits
      .slice(0, MAX_CULPRITS)
      .map((culprit) => ({ party: culprit, title: 'Culprit:', name: culpritText(culprit) })),
    ...diagnosis.victims
      .slice(0, MAX_VICTIMS)
      .map((victim) => ({ party: victim, title: 'Victim:', name: threadText(victim) })),
  ]
  const more = Math.max(0, diagnosis.victims.length - MAX_VICTIMS)
  return [
    md.heading(3, 'The threads that matter'),
    ...shown.flatMap(({ party, title, name }) => [
      md.paragraph(md.strong(title), md.text(' '), md.code(name), ...windowText(party)),
      md.fence(framesText(framesThatMatter(party, process))),
    ]),
    ...(more === 0
      ? []
      : [md.paragraph(md.text(`${more.toLocaleString('en-US')} more victims wait too.`))]),
  ]
}

function windowText(party: object & Partial<Culprit>): PhrasingContent[] {
  if (party.window === undefined || party.window === null) return []
  const windows = {
    lock: ', interrupted while it took the lock',
    unlock: ', interrupted while it released the lock',
    held: ', interrupted while it held the lock',
  }
  return [md.text(windows[party.window])]
}

const MARKS = { waiting: '=> ', interrupted: '-> ', signal: '~~ ' } as const

function framesText(frames: readonly ShownFrame[]): string {
  if (frames.length === 0) return 'No frames are known.'
  return frames
    .flatMap((frame) => {
      const mark = frame.role === null ? '   ' : MARKS[frame.role]
      const note =
        frame.role === null
          ? ''
          : `   <- ${frame.role === 'signal' ? 'a signal arrived here' : frame.role}`
      const gap = frame.skipped === 0 ? [] : [`   … ${frame.skipped} more`]
      return [...gap, `${mark}${frameLine(frame)}${note}`]
    })
    .join('\n')
}

function graph(diagnosis: Diagnosis | null): RootContent[] {
  const drawable = diagnosis === null ? null : drawableGraph(diagnosis.graph)
  if (drawable === null) return []
  const sentences = graphSentences(drawable).map((sentence) => [
    md.paragraph(...md.prose(sentence)),
  ])
  return [
    md.heading(3, 'Who waits for whom'),
    md.fence(mermaidText(drawable), 'mermaid'),
    md.list(false, sentences),
  ]
}

function versions(result: Result): RootContent[] {
  const cell = (value: string | null): PhrasingContent[] =>
    value === null ? [md.text('–')] : [md.code(value)]
  const rows = versionRows(result).map((row) => [
    [md.text(row.what)],
    cell(row.asked),
    cell(row.built),
  ])
  return [md.heading(3, 'Versions'), md.table(['', 'Asked', 'Built or found'], rows)]
}

const MAX_TIMELINE = 40

function run(result: Result): RootContent[] {
  const counts = countFacts(result).map((fact) => [[md.text(fact.name)], [md.text(fact.value)]])
  const events = result.timeline
    .slice(0, MAX_TIMELINE)
    .map((event) => [[md.text(seconds(event.atMs))], md.prose(event.what)])
  return [
    md.heading(3, 'The run'),
    md.paragraph(...md.prose(endingText(result))),
    md.table(['Counted', ''], counts),
    ...(events.length === 0 ? [] : [md.table(['Time', 'What'], events)]),
  ]
}

function warnings(result: Result): RootContent[] {
  const unread = result.diagnosis?.unread ?? []
  const items = [...result.warnings, ...unread.map((what) => `Not read: ${what}`)]
  if (items.length === 0) return []
  return [
    md.heading(3, 'Warnings'),
    md.list(
      false,
      items.slice(0, 20).map((item) => [md.paragraph(...md.prose(item))]),
    ),
  ]
}

function evidence(result: Result, options: SummaryOptions): RootContent[] {
  if (result.evidence.length === 0) return []
  const files = result.evidence
    .slice(0, 40)
    .map((file) => [
      md.paragraph(
        md.code(file.name),
        md.text(` ${file.bytes.toLocaleString('en-US')} bytes${file.truncated ? ', cut' : ''}`),
      ),
    ])
  const link: RootContent[] =
    options.artifactUrl === null
      ? []
      : [
          md.paragraph({
            type: 'link',
            url: options.artifactUrl,
            children: [md.text('Download the report and its evidence')],
          }),
        ]
  return [md.heading(3, 'Evidence'), ...link, md.list(false, files)]
}

/** Dumps in document order; the rank says which goes first when room is short: the highest. */
const DUMPS: readonly (readonly [rank: number, key: keyof EvidenceTexts, title: string])[] = [
  [10, 'threads', 'Stacks of all threads (threads.txt)'],
  [11, 'output', 'Output of the program (output.log)'],
  [12, 'goroutines', 'Goroutines (goroutines.txt)'],
  [13, 'gdb', 'gdb’s own log (gdb.log)'],
  [14, 'build', 'Build log (build.log)'],
  [15, 'threadsFull', 'Stacks with local variables (threads.txt)'],
]

function dumps(texts: EvidenceTexts): Chunk[] {
  return DUMPS.filter(([, key]) => texts[key].trim() !== '').map(([rank, key, title]) => ({
    rank,
    text: md.markdownText({
      type: 'root',
      children: md.details(title, [md.fence(texts[key])]),
    }),
  }))
}
