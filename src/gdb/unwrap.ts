import { stripVTControlCharacters } from 'node:util'

/** Most levels of records in records. */
const RECORD_DEPTH = 2

/** Where loggers keep the text: Docker's json-file, journald's export, Kubernetes and most libraries. */
const MESSAGE_FIELDS = ['log', 'message', 'msg', 'MESSAGE', 'textPayload', 'line', 'text'] as const

/**
 * The lines of a text without what carried it: terminal colours, HTML entities, gdb's machine interface (`~"#0 …\n"`),
 * loggers that write a JSON object a line, and a text whose line ends were escaped.
 */
export function unwrapLines(text: string): string[] {
  const plain = stripVTControlCharacters(text.replace(/^\uFEFF/, '')).replaceAll('\u00A0', ' ')
  return splitLines(/&lt;|&#60;/.test(plain) ? decodeEntities(plain) : plain).flatMap((line) =>
    unwrapLine(line, RECORD_DEPTH),
  )
}

function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/)
}

function unwrapLine(line: string, depth: number): string[] {
  if (depth === 0) return [line]
  const inner = messageOf(line) ?? escapedText(line)
  return inner === null
    ? [line]
    : splitLines(inner.replace(/\n$/, '')).flatMap((each) => unwrapLine(each, depth - 1))
}

function messageOf(line: string): string | null {
  const text = line.trim()
  if (/^[~&@]".*"$/.test(text)) return unescape(text.slice(2, -1))
  if (!text.startsWith('{"') || !text.endsWith('}')) return null
  const record = parseRecord(text)
  const found = MESSAGE_FIELDS.map((field) => record[field]).find(
    (value) => typeof value === 'string',
  )
  return typeof found === 'string' ? found : null
}

function parseRecord(text: string): Record<string, unknown> {
  try {
    return Object.fromEntries(Object.entries(JSON.parse(text) as object))
  } catch {
    return {}
  }
}

/** A whole dump on one line, its line ends written as `\n`: two frames or more begin after such an end. */
function escapedText(line: string): string | null {
  const first = line.search(ESCAPED_FRAME)
  if (first < 0 || line.slice(first + 2).search(ESCAPED_FRAME) < 0) return null
  return unescape(line)
}

const ESCAPED_FRAME = /\\n#\d{1,6} {1,4}/

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '' }

/** C's escapes: `\n`, `\t`, `\"`, `\\`; others stay. */
function unescape(text: string): string {
  return text.replace(/\\([ntr"\\])/g, (_, char: string) => ESCAPES[char] ?? char)
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  '#60': '<',
  gt: '>',
  '#62': '>',
  quot: '"',
  '#34': '"',
  '#39': "'",
  apos: "'",
  nbsp: ' ',
  amp: '&',
}

function decodeEntities(text: string): string {
  return text.replace(/&(#?\w{2,4});/g, (whole, name: string) => ENTITIES[name] ?? whole)
}
