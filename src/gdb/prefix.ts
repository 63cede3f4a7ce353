/** One piece of a prefix that mail programs, loggers, terminals and gdb's pager write. Each is bounded: see `isKnownPrefix`. */
const PIECES: readonly RegExp[] = [
  /^[\s>|:*-]{1,40}/,
  /^\(gdb\)/,
  /^\(?\d{4}[-/]\d\d[-/]\d\d[T ,_]?(?:\d\d:\d\d:\d\d[.,]?\d{0,9}(?:Z|[+-]\d\d:?\d\d)?\)?)?/,
  /^\d\d:\d\d:\d\d[.,]?\d{0,9}/,
  /^[A-Z][a-z]{2},? {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?/,
  /^\[[^\]]{0,60}\]/,
  /^\([^()]{0,40}\)(?=[:\s])/,
  /^--+ ?Type <RET>.{0,80}?(?:paging|quit)?--+/,
  /^---+Type <return> to continue, or q <return> to quit---+/,
  /^(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|stdout|stderr|gdb)\b:?/,
  /^(?:stdout|stderr) [FP]\b/,
  /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ [\w./-]{1,60}:\d+\]/,
  /^[\w./@-]{1,60}(?:\[\d+\])?:(?=\s)/,
  /^\w[\w.-]{0,40}(?= [\w./-]{1,40}(?:\[\d+\])?:\s)/,
  /^[\w.-]{1,60} +\|(?= )/,
]
const PIECE_COUNT = 12
const PIECE_WITHIN_CHARS = 200

/** True when `prefix` consists of nothing but known pieces. */
export function isKnownPrefix(prefix: string): boolean {
  let length = 0
  for (let piece = 0; piece < PIECE_COUNT && length < prefix.length; piece++) {
    const rest = prefix.slice(length, length + PIECE_WITHIN_CHARS)
    const size = PIECES.map((pattern) => pattern.exec(rest)?.[0].length ?? 0).find(
      (found) => found > 0,
    )
    if (size === undefined) return false
    length += size
  }
  return length === prefix.length
}

/** What stands before a frame or a thread's header beyond doubt. */
const SURE_ANCHOR =
  /#\d{1,6}[ \t]{1,4}(?:(?:0x)?[0-9a-fA-F]{8,16}\b|0x[0-9a-f]+ in |<signal handler called>|[\w:~.<(][^"]{0,200} \()|Thread \d+ \((?:Thread|LWP|process) |(?:TID|Stack trace of thread) \d+:/
const PREFIX_WITHIN_CHARS = 300
/** So often must a shape stand before frames to be taken for a logger's. */
const TIMES = 2

/**
 * The shapes of the prefixes of a logger that nobody told us of: whatever stands, apart from its numbers the same, before
 * several frames. A quoted string is none: that is a local variable.
 */
export function learnPrefixes(lines: readonly string[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const line of lines) {
    const at = line.slice(0, PREFIX_WITHIN_CHARS).search(SURE_ANCHOR)
    if (at <= 0) continue
    const prefix = line.slice(0, at)
    if (/["#]/.test(prefix)) continue
    const shape = prefixShape(prefix)
    counts.set(shape, (counts.get(shape) ?? 0) + 1)
  }
  return new Set([...counts].filter(([, times]) => times >= TIMES).map(([shape]) => shape))
}

/** `worker-3  17 - ` → `worker-0 0 - `: numbers, and how far they are set in, change from line to line. */
export function prefixShape(prefix: string): string {
  return prefix.replace(/\d+/g, '0').replace(/[ \t]+/g, ' ')
}

/** A pattern for the same prefix on other lines; blanks at its end count, since what follows them may be set in. */
export function prefixPattern(prefix: string): RegExp {
  const end = /[ \t]*$/.exec(prefix)?.[0].length ?? 0
  const body = prefix
    .slice(0, prefix.length - end)
    .replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    .replace(/\d+/g, '\\d+')
    .replace(/[ \t]+/g, '[ \\t]+')
  return new RegExp(`^${body}(?:[ \\t]{${String(end)}}|$)`)
}
