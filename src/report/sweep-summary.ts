import type { PhrasingContent, RootContent } from 'mdast'
import { placeText } from '../sweep/place.js'
import type { Hazard, LockAccess } from '../sweep/schema.js'
import type { Result } from '../result/schema.js'
import * as md from './markdown.js'
import { decisionSentence } from './sweep-decision.js'
import {
  type FactTable,
  hazardIntroduction,
  hazardSentence,
  triedTable,
  windowTable,
} from './sweep-tables.js'
import { failureSentence, mapSentences, sweepSentences } from './sweep-words.js'

const MAX_WINDOWS = 60
const MAX_HAZARDS = 5

/** The sweep in the step summary: a line, what failed, windows, what was tried, hazards; nothing where there was none. */
export function sweepNodes(result: Result): RootContent[] {
  const { sweep } = result
  if (sweep === null) return []
  const decision = decisionSentence(result)
  const line = [...sweepSentences(sweep), ...(decision === null ? [] : [decision])].join(' ')
  const failures = sweep.failures.map((failure) => failureSentence(failure, sweep.function))
  const remarks = [...sweep.missing.map((part) => `Missing: ${part}.`), ...sweep.notes]
  return [
    md.heading(3, 'The sweep'),
    md.paragraph(...md.prose(line)),
    ...sentences(failures),
    ...(sweep.map === null
      ? []
      : [
          md.paragraph(...md.prose(mapSentences(sweep.map).join(' '))),
          ...tableNodes(windowTable({ windows: sweep.map.windows.slice(0, MAX_WINDOWS) })),
        ]),
    ...tableNodes(triedTable(sweep)),
    ...sentences(remarks),
    ...hazardNodes(sweep.hazards),
  ]
}

function hazardNodes(hazards: readonly Hazard[]): RootContent[] {
  if (hazards.length === 0) return []
  return [
    md.paragraph(...md.prose(hazardIntroduction(hazards))),
    ...sentences(hazards.slice(0, MAX_HAZARDS).map(hazardSentence)),
    ...md.details(
      'Both stacks of each',
      hazards
        .slice(0, MAX_HAZARDS)
        .map(({ swept, handler }) =>
          md.fence(
            [
              ...stackLines('In the swept code', swept),
              ...stackLines('In the handler', handler),
            ].join('\n'),
          ),
        ),
    ),
  ]
}

function stackLines(title: string, { at, stack }: LockAccess): string[] {
  return [title, ...[at, ...stack].map((place, index) => `  #${index} ${placeText(place)}`)]
}

function sentences(items: readonly string[]): RootContent[] {
  if (items.length === 0) return []
  return [
    md.list(
      false,
      items.map((item) => [md.paragraph(...md.prose(item))]),
    ),
  ]
}

/** Facts in rows, as a table of Markdown; nothing where there are none. */
export function tableNodes({ columns, rows }: FactTable): RootContent[] {
  if (rows.length === 0) return []
  const cell = (value: string, index: number): PhrasingContent[] => {
    if (value === '') return [md.text('–')]
    return [columns[index]?.kind === 'code' ? md.code(value) : md.text(value)]
  }
  const head = columns.map(({ name }) => name)
  const align = columns.map(({ kind }) => (kind === 'number' ? ('right' as const) : null))
  return [
    {
      ...md.table(
        head,
        rows.map((row) => row.map(cell)),
      ),
      align,
    },
  ]
}
