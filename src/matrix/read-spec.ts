import { LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import type { z } from 'zod'
import { ConfigurationError } from '../errors.js'
import { PRESETS } from './presets.js'
import { keysAt, SpecText } from './spec.js'
import type { Spec } from './spec.js'

const MAX_SHOWN = 10

/**
 * Reads a compatibility spec. Every scalar is taken as text, so that 1.20 stays 1.20 without quotes.
 * @param file its name, for messages
 * @throws ConfigurationError with file, line and column of each mistake
 */
export function readSpec(text: string, file: string): Spec {
  const lines = new LineCounter()
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines })
  function fail(mistakes: readonly { offset: number; message: string }[]): never {
    const inOrder = mistakes.toSorted((a, b) => a.offset - b.offset)
    const shown = inOrder.slice(0, MAX_SHOWN).map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset)
      return `${file}:${line}:${col}: ${message}`
    })
    throw new ConfigurationError(shown.join('\n'))
  }
  if (document.errors.length > 0) {
    fail(
      document.errors.map(({ pos, message }) => ({
        offset: pos[0],
        message: message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '.') ?? '',
      })),
    )
  }
  const read = SpecText.safeParse(document.toJS() ?? {})
  if (!read.success) fail(read.error.issues.flatMap((issue) => describe(issue, document)))
  return withPreset(read.data)
}

/** What a spec says on top of a preset: its axes and settings take the preset's place, its lists are added. */
function withPreset({ preset, ...own }: z.infer<typeof SpecText>): Spec {
  if (preset === undefined) return own
  const base = PRESETS[preset]
  return {
    axes: { ...base.axes, ...own.axes },
    with: { ...base.with, ...own.with },
    include: [...base.include, ...own.include],
    exclude: [...base.exclude, ...own.exclude],
    known: [...base.known, ...own.known],
  }
}

function describe(
  issue: z.core.$ZodIssue,
  document: Document,
): { offset: number; message: string }[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      offset: offsetOfKey(document, issue.path, key),
      message: `${pathText([...issue.path, key])} is not known here. Allowed: ${keysAt(issue.path).join(', ')}.`,
    }))
  }
  const message = `${pathText(issue.path)}: ${reasonOf(issue)}`
  return [{ offset: offsetOfValue(document, issue.path), message }]
}

function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Write ${KINDS[issue.expected] ?? issue.expected} here.`
    case 'invalid_value':
      return `Allowed: ${issue.values.join(', ')}.`
    default:
      return issue.message
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'one value',
  array: 'a list',
  object: 'names with values',
}

/** `axes.glibc[1]`; the whole document is `the spec`. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
  return text.length === 0 ? 'the spec' : text.join('').replace(/^\./, '')
}

/** Where the value of a path begins; of what is missing, the nearest that is there around it. */
function offsetOfValue(document: Document, path: readonly PropertyKey[]): number {
  const node = document.getIn(path, true)
  if (isNode(node) && node.range) return node.range[0]
  return path.length === 0 ? 0 : offsetOfValue(document, path.slice(0, -1))
}

function offsetOfKey(document: Document, path: readonly PropertyKey[], key: string): number {
  const map = document.getIn(path, true)
  const pair = isMap(map)
    ? map.items.find((item) => isScalar(item.key) && item.key.value === key)
    : undefined
  const range = isScalar(pair?.key) ? pair.key.range : undefined
  return range?.[0] ?? offsetOfValue(document, path)
}
