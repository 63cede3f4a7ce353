import { isOpen, type FrameParser } from './frame.js'
import type { Frame } from './types.js'

/** Most lines that one frame may be wrapped over, and most of them before its arguments begin. */
const WRAPPED_LINES = 60
const WRAPPED_NAME_LINES = 4
const RECORD_LIMIT_CHARS = 20_000
const STARTS_FRAME = /^#\d{1,6}(?:\s|$)/
const SOURCE_LINE = /^\s+(\/?[^\s:][^:]*):(\d{1,9})(?::\d+)?$/

/** Frames read from lines, and the lines that looked like frames but could not be read. */
export interface ReadFrames {
  readonly frames: Frame[]
  readonly unread: string[]
}

/**
 * Reads frames out of clean lines: joins what gdb or a mail program wrapped, skips local variables, and keeps why a
 * stack ends early. Lines of one thread only.
 */
export function readFrames(lines: readonly string[], parse: FrameParser): ReadFrames {
  const frames: Frame[] = []
  const unread: string[] = []
  let index = 0
  while (index < lines.length) {
    const line = lines[index] ?? ''
    if (STARTS_FRAME.test(line)) {
      const { record, next } = joinRecord(lines, index)
      const frame = parse(record)
      if (frame === null) unread.push(record.slice(0, 200))
      else frames.push(frame)
      index = next
      continue
    }
    noteAside(frames, line)
    index++
  }
  return { frames: levelMarks(frames), unread }
}

/** KDE's mark of a signal has no number: it is the one before the frame that follows. */
function levelMarks(frames: readonly Frame[]): Frame[] {
  return frames.map((frame, index) => {
    const next = frames[index + 1]
    return frame.signalFrame && next !== undefined ? { ...frame, level: next.level - 1 } : frame
  })
}

/** One frame's text from line `from` on, with the lines that continue it. */
function joinRecord(lines: readonly string[], from: number): { record: string; next: number } {
  let record = lines[from] ?? ''
  let next = from + 1
  while (next < lines.length && record.length < RECORD_LIMIT_CHARS) {
    const line = lines[next] ?? ''
    if (next - from > (record.includes(' (') ? WRAPPED_LINES : WRAPPED_NAME_LINES)) break
    if (STARTS_FRAME.test(line) || !continues(record, line)) break
    record = `${record} ${line.trim()}`
    next++
  }
  return { record, next }
}

/** True when `line` belongs to the frame begun in `record`: it has open parentheses, or no call or place yet. */
function continues(record: string, line: string): boolean {
  const text = line.trim()
  if (text === '' || /^(?:No locals\.|No symbol table|Backtrace stopped|\(More stack)/.test(text))
    return false
  if (record.includes('<signal handler called>')) return false
  if (/^(?:at|from) \S/.test(text)) return !/ (?:at|from) \S+$/.test(record)
  if (/ (?:in|at|from)$/.test(record)) return true
  if (SOURCE_LINE.test(line) && /^#\d+\s+0x[0-9a-f]+ (?!in )/.test(record)) return false
  return isOpen(record)
}

/** What stands between frames: a source line of eu-stack, the reason that a stack ends, KDE's mark of a signal. */
function noteAside(frames: Frame[], line: string): void {
  const last = frames.at(-1)
  if (line.startsWith('[KCrash Handler]')) {
    frames.push(SIGNAL_FRAME)
    return
  }
  if (last === undefined) return
  const ending = /^\((More stack frames follow)\.\.\.\)|^Backtrace stopped: (.*)/.exec(line)
  if (ending !== null) {
    frames[frames.length - 1] = { ...last, cut: ending[1] ?? ending[2] ?? '' }
    return
  }
  const source = SOURCE_LINE.exec(line)
  if (source?.[1] !== undefined && last.args === null && last.file === null && last.pc !== null) {
    frames[frames.length - 1] = { ...last, file: source[1].trim(), line: Number(source[2]) }
  }
}

const SIGNAL_FRAME: Frame = {
  level: 0,
  pc: null,
  function: null,
  args: null,
  file: null,
  line: null,
  library: null,
  signalFrame: true,
  inlined: false,
  cut: null,
}
