import { makeRing } from '../ring.js'

const HEAD_BYTES = 512 * 1024
const TAIL_BYTES = 512 * 1024
const NEWLINE = 0x0a

/** What the program printed: bounded, with times, and a mark to cut at. */
export interface OutputRecord {
  add(chunk: Buffer, atMs: number): { bytes: number; lines: number }
  /** From here on, what is added goes to a part of its own as well (the goroutine dump after SIGQUIT). */
  mark(): void
  text(): string
  textSinceMark(): string
  lines(): number
  bytes(): number
  truncated(): boolean
}

/**
 * Records a program's output within 1 MiB (head and tail). The first line of each chunk gets the time it arrived at,
 * in seconds since the start: a program that prints slowly has a time on each line, one that floods costs no more.
 */
export function recordOutput(): OutputRecord {
  const whole = makeRing(HEAD_BYTES, TAIL_BYTES)
  let marked: ReturnType<typeof makeRing> | undefined
  let lines = 0
  let atLineStart = true
  return {
    add(chunk, atMs) {
      const found = countLines(chunk)
      lines += found
      if (atLineStart) whole.add(Buffer.from(`[${(atMs / 1000).toFixed(3).padStart(8)}] `))
      whole.add(chunk)
      marked?.add(chunk)
      atLineStart = chunk.at(-1) === NEWLINE
      return { bytes: chunk.length, lines: found }
    },
    mark() {
      marked = makeRing(HEAD_BYTES, TAIL_BYTES)
    },
    text: () => whole.text(),
    textSinceMark: () => marked?.text() ?? '',
    lines: () => lines,
    bytes: () => whole.total(),
    truncated: () => whole.truncated(),
  }
}

function countLines(chunk: Buffer): number {
  let count = 0
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) count += 1
  return count
}
