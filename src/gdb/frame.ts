import type { Frame } from './types.js'

const EMPTY: Omit<Frame, 'level'> = {
  pc: null,
  function: null,
  args: null,
  file: null,
  line: null,
  library: null,
  signalFrame: false,
  inlined: false,
  cut: null,
}

/** Longest record looked at; gdb's own lines stay far below. */
const RECORD_LIMIT_CHARS = 20_000

/** Lower case, no leading zeros: `0x00007F12` → `0x7f12`. */
export function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^0x0+(?=[0-9a-f])/, '0x')
}

/**
 * Reads one frame, already joined to one line; null when it is none.
 *
 *     #1  0x00007f12 in std::thread::join() () from /lib/libstdc++.so.6
 *       → { level: 1, pc: '0x7f12', function: 'std::thread::join', args: '', library: '/lib/libstdc++.so.6' }
 *     #8  <signal handler called>                       → { level: 8, signalFrame: true }
 *     #0  0x00007f12 clone - /lib64/libc.so.6           → eu-stack's form
 */
export function parseFrame(record: string): Frame | null {
  const start = /^#(\d{1,6})(?:[ \t]+|$)/.exec(record)
  if (start === null) return null
  const level = Number(start[1])
  let rest = record.slice(start[0].length, RECORD_LIMIT_CHARS).trimEnd()
  if (/^<signal handler called>/.test(rest)) return { ...EMPTY, level, signalFrame: true }
  if (/^<(?:function called from gdb|cross-architecture call)>/.test(rest)) {
    return { ...EMPTY, level, function: rest }
  }
  const address = /^(0x[0-9a-fA-F]{1,16})(?: <[^>]*>)?(?:[ \t]+|$)/.exec(rest)
  const pc = address?.[1] === undefined ? null : plainAddress(address[1])
  if (address !== null) {
    rest = rest.slice(address[0].length)
    if (!/^in(?: |$)/.test(rest)) return parseElfutilsFrame(level, pc, rest)
    rest = rest.slice(3)
  }
  if (rest === '' && pc === null) return null
  return markTrampoline({ ...EMPTY, level, pc, ...parseCall(rest) })
}

/** The code that a handler returns to, where the tool does not know it for a signal frame (eu-stack never does). */
const TRAMPOLINE = /^__(?:restore(?:_rt)?|kernel_(?:rt_)?sigreturn)$/

function markTrampoline(frame: Frame): Frame {
  if (!TRAMPOLINE.test(frame.function ?? '')) return frame
  return { ...EMPTY, level: frame.level, signalFrame: true }
}

/** Most different frames remembered by one reader. */
const REMEMBERED_FRAMES = 50_000

/** Reads one frame's text; null when it is none. */
export type FrameParser = (record: string) => Frame | null

/** A `parseFrame` that remembers: the threads of a pool have the same frames, thousands of times. */
export function frameReader(): FrameParser {
  const known = new Map<string, Frame | null>()
  return (record) => {
    const found = known.get(record)
    if (found !== undefined) return found
    const frame = parseFrame(record)
    if (known.size < REMEMBERED_FRAMES) known.set(record, frame)
    return frame
  }
}

/** systemd-coredump's `__clone (libc.so.6 + 0x122133)`, eu-stack's `clone - /lib64/libc.so.6`, `- 1 clone`, or nothing. */
function parseElfutilsFrame(level: number, pc: string | null, rest: string): Frame {
  const journal = /^(\S.*?) \(([^()\s]{1,200})(?: \+ 0x[0-9a-f]{1,16})?\)$/.exec(rest)
  if (journal?.[1] !== undefined) {
    const known = journal[1] === 'n/a' ? null : withoutParameters(journal[1])
    return markTrampoline({ ...EMPTY, level, pc, function: known, library: journal[2] ?? null })
  }
  const match = /^(?:- 1(?: |$))?(?:(?!- )(.*?))?(?:(?:^| )- (\/.*))?$/.exec(rest)
  const name = match?.[1]?.trim() ?? ''
  return markTrampoline({
    ...EMPTY,
    level,
    pc,
    function: name === '' ? null : withoutParameters(name),
    library: match?.[2] === undefined ? null : localPath(match[2]),
  })
}

type Call = Pick<Frame, 'function' | 'args' | 'file' | 'line' | 'library'>

/** `name (arguments) at file:line`, `name () from library`; what is missing at the end stays null. */
function parseCall(text: string): Call {
  const group = argumentGroup(text)
  const name = text.slice(0, group.start).trim()
  const place = parsePlace(text.slice(group.end))
  return {
    function: name === '' || name === '??' ? null : withoutParameters(name),
    args: group.start < group.end ? stripParentheses(text.slice(group.start, group.end)) : null,
    ...place,
  }
}

function stripParentheses(text: string): string {
  return text.slice(1, text.endsWith(')') ? -1 : undefined)
}

/** The path as the process sees it, without gdb's way to it: `target:/lib/libc.so.6`, `/proc/7/root/lib/libc.so.6`. */
export function localPath(path: string): string {
  return path.replace(/^target:(?=\/)/, '').replace(/^\/proc\/\d{1,10}\/root(?=\/)/, '')
}

function parsePlace(text: string): Pick<Frame, 'file' | 'line' | 'library'> {
  const from = /^\s*from (\S.*)$/.exec(text)
  if (from !== null) return { file: null, line: null, library: localPath(from[1] ?? '') }
  const at = /^\s*at (\S.*)$/.exec(text)?.[1]
  if (at === undefined) return { file: null, line: null, library: null }
  const numbered = /^(.+):(\d{1,9})(?: from (\/.*))?$/.exec(at)
  return {
    file: numbered?.[1] ?? at,
    line: numbered === null ? null : Number(numbered[2]),
    library: numbered?.[3] === undefined ? null : localPath(numbered[3]),
  }
}

/**
 * Where the arguments stand: the first group of parentheses on the outermost level that follows a blank and is followed
 * by the end, ` at ` or ` from `. Others belong to the name: `operator()`, `(anonymous namespace)`, `std::function<void
 * (int)>`. A group that never closes is taken to the end (truncated input).
 */
function argumentGroup(text: string): { start: number; end: number } {
  const groups = outerGroups(text)
  for (const group of groups) {
    const before = group.start > 0 && text[group.start - 1] === ' '
    if (before && /^(?:$|\s+(?:at|from) )/.test(text.slice(group.end, group.end + 12))) return group
  }
  const last = groups.at(-1)
  if (last?.open === true && text[last.start - 1] === ' ') return last
  return { start: text.length, end: text.length }
}

interface Group {
  readonly start: number
  readonly end: number
  readonly open?: boolean
}

/** True when a frame's text is not at its end: arguments that do not close, or none yet. */
export function isOpen(record: string): boolean {
  if (/^#\d+\s+0x[0-9a-fA-F]+ (?!in )/.test(record)) return false
  const group = argumentGroup(record)
  return group.start === record.length || outerGroups(record).at(-1)?.open === true
}

/** Groups of parentheses on the outermost level; inside of them strings and characters are skipped. */
function outerGroups(text: string): Group[] {
  const groups: Group[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '(') {
      if (depth++ === 0) start = at
    } else if (char === ')' && depth > 0) {
      if (--depth === 0) groups.push({ start, end: at + 1 })
    } else if (depth > 0 && (char === '"' || char === "'")) {
      at = skipLiteral(text, at)
    }
  }
  if (depth > 0) groups.push({ start, end: text.length, open: true })
  return groups
}

/**
 * Index of the end of the string or character literal that begins at `at`. An apostrophe that closes nothing near is no
 * literal: `at` itself. A string that never closes was cut off: the end of the text.
 */
export function skipLiteral(text: string, at: number): number {
  const quote = text[at]
  const limit = quote === "'" ? Math.min(text.length, at + 12) : text.length
  for (let index = at + 1; index < limit; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === quote) return index
  }
  return quote === "'" ? at : text.length
}

/**
 * Without debug information gdb prints C++ names with their parameter types: `foo(int) const` → `foo`. Names that hold
 * parentheses of their own stay: `operator()`, `(anonymous namespace)::f`, Go's `main.(*T).f`.
 */
export function withoutParameters(name: string): string {
  const bare = name.replace(/ \[clone [^\]]*\]$/g, '').replace(/(?: (?:const|volatile|&&?))+$/, '')
  if (!bare.endsWith(')') || bare.endsWith('operator()')) return bare
  let depth = 0
  for (let at = bare.length - 1; at >= 0; at--) {
    if (bare[at] === ')') depth++
    else if (bare[at] === '(' && --depth === 0) {
      return /[\w>)\]=!<+*/%^&|~,-]$/.test(bare.slice(0, at)) ? bare.slice(0, at) : bare
    }
  }
  return bare
}
