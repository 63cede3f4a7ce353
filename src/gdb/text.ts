import { readFacts } from './facts.js'
import { frameReader, parseFrame, type FrameParser } from './frame.js'
import { readHeader, readThreadRow, type ThreadIdentity } from './headers.js'
import { cleanLines } from './lines.js'
import { readLockPrints } from './lock-prints.js'
import { readFrames } from './records.js'
import { finishStack, markInlined } from './stack.js'
import type { Frame, Lock, StoppedProcess, Thread } from './types.js'
import { decodeWait, type DecodedWait } from './wait.js'

/** Most remarks kept on what could not be read. */
const UNREAD_LIMIT = 20

/**
 * Reads a dump that somebody posted: `info threads`, `thread apply all bt [full]`, single `bt` or `where`, pstack,
 * gstack, eu-stack, with whatever mail, logs and terminals put around it. Never throws; linear in the text's length.
 */
export function parseGdbText(text: string): StoppedProcess {
  const lines = cleanLines(text)
  const { segments, rows } = splitThreads(lines)
  const parse = frameReader()
  const read = segments.map((segment) => readSegment(segment, parse))
  const threads = mergeThreads([...read.map(({ entry }) => entry), ...rows])
  const decoded = threads.map(decodeThread)
  const waits = decoded.flatMap(({ wait }) => (wait === null ? [] : [wait]))
  const complaints = read.flatMap(({ unread }) => unread)
  return {
    ...readFacts(lines),
    threads: resolveJoins(decoded.map(({ thread }) => thread)),
    locks: readLockPrints(
      lines,
      describeLocks(
        waits,
        decoded.map(({ thread }) => thread),
      ),
    ),
    unread:
      threads.length === 0
        ? ['no thread and no stack frame was found in the text']
        : summarise(complaints),
  }
}

/** The frames of one thread's backtrace as gdb printed it for the dump. */
export function parseThreadText(text: string, parse: FrameParser): Frame[] {
  const lines = text.split('\n').map((line) => line.trimEnd())
  return markInlined(readFrames(lines, parse).frames)
}

interface Segment {
  readonly identity: ThreadIdentity
  readonly lines: string[]
}

interface Entry {
  readonly identity: ThreadIdentity
  readonly frames: readonly Frame[]
}

const NOBODY: ThreadIdentity = { number: null, lwp: null, pthread: null, name: null }

/** Cuts the text where a thread begins: at a header, or at a frame #0 that follows other frames. */
function splitThreads(lines: readonly string[]): { segments: Segment[]; rows: Entry[] } {
  const segments: Segment[] = []
  const rows: Entry[] = []
  let started = false
  for (const line of lines) {
    const header = readHeader(line)
    const row = header === null ? readThreadRow(line) : null
    if (row !== null) {
      const frame = parseFrame(`#0  ${row.frame}`)
      rows.push({ identity: row.identity, frames: frame === null ? [] : [frame] })
      continue
    }
    const first = started && /^#0(?:\s|$)/.test(line)
    if (header !== null || first || segments.length === 0) {
      segments.push({ identity: header ?? segments.at(-1)?.identity ?? NOBODY, lines: [] })
      started = false
    }
    started ||= line.startsWith('#') || line.startsWith('[KCrash Handler]')
    segments.at(-1)?.lines.push(line)
  }
  return { segments, rows }
}

function readSegment(
  segment: Segment,
  parse: FrameParser,
): { entry: Entry; unread: readonly string[] } {
  const { frames, unread } = readFrames(segment.lines, parse)
  return { entry: { identity: segment.identity, frames: markInlined(frames) }, unread }
}

/** One entry a thread: the longest of its stacks, with all that is known of who it is. Nameless ones stay apart. */
function mergeThreads(entries: readonly Entry[]): Entry[] {
  const merged = new Map<string, Entry>()
  for (const [index, entry] of entries.entries()) {
    const { number, lwp } = entry.identity
    if (number === null && lwp === null && entry.frames.length === 0) continue
    const key =
      lwp !== null ? `lwp ${lwp}` : number !== null ? `number ${number}` : `entry ${index}`
    const known = merged.get(key)
    merged.set(key, known === undefined ? entry : mergeEntries(known, entry))
  }
  return dropEchoes([...merged.values()].filter(({ frames }) => frames.length > 0))
}

/** gdb prints the innermost frame alone when it stops; the backtrace that follows begins with it again. */
function dropEchoes(entries: readonly Entry[]): Entry[] {
  const begin = ({ frames }: Entry): string => `${frames[0]?.pc ?? ''} ${frames[0]?.function ?? ''}`
  const longer = new Set(entries.filter(({ frames }) => frames.length > 1).map(begin))
  return entries.filter(
    (entry) => entry.frames.length > 1 || entry.identity !== NOBODY || !longer.has(begin(entry)),
  )
}

function mergeEntries(left: Entry, right: Entry): Entry {
  return {
    identity: {
      number: left.identity.number ?? right.identity.number,
      lwp: left.identity.lwp ?? right.identity.lwp,
      pthread: left.identity.pthread ?? right.identity.pthread,
      name: left.identity.name ?? right.identity.name,
    },
    frames: right.frames.length > left.frames.length ? right.frames : left.frames,
  }
}

function decodeThread({ identity, frames }: Entry): { thread: Thread; wait: DecodedWait | null } {
  const wait = decodeWait({ frames, syscall: null, architecture: null, libcMinor: null })
  const thread: Thread = {
    ...identity,
    frames: finishStack(frames),
    wait: wait?.wait ?? null,
    observed: null,
    registers: null,
  }
  return { thread, wait }
}

/** A join's argument is the pthread id of the thread waited for: `pthread_join (threadid=140737…)`. */
function resolveJoins(threads: readonly Thread[]): Thread[] {
  const lwpOf = new Map(
    threads.flatMap(({ pthread, lwp }) =>
      pthread === null || lwp === null ? [] : [[pthread, lwp] as const],
    ),
  )
  return threads.map((thread) => {
    if (thread.wait?.kind !== 'join') return thread
    const argument = thread.frames
      .map(
        (frame) =>
          /\bthreadid=(?:\w+@entry=)?(\d{1,20}|0x[0-9a-f]{1,16})/.exec(frame.args ?? '')?.[1],
      )
      .find((value) => value !== undefined)
    if (argument === undefined) return thread
    const address = `0x${BigInt(argument).toString(16)}`
    return { ...thread, wait: { ...thread.wait, address, lwp: lwpOf.get(address) ?? null } }
  })
}

/** Locks known by address alone; the symbol is the one that gdb prints beside the argument. */
function describeLocks(waits: readonly DecodedWait[], threads: readonly Thread[]): Lock[] {
  const symbols = printedSymbols(threads)
  const locks = new Map<string, Lock>()
  for (const { wait, role } of waits) {
    if (wait.address === null) continue
    const known = locks.get(wait.address)
    locks.set(wait.address, {
      address: wait.address,
      symbol: symbols.get(wait.address) ?? null,
      library: null,
      kind: LOCK_KINDS[wait.kind] ?? wait.kind.replaceAll('-', ' '),
      role: known?.role ?? role,
      word: null,
      owner: null,
      count: null,
      users: null,
      guessed: true,
    })
  }
  return [...locks.values()]
}

const LOCK_KINDS: Partial<Record<DecodedWait['wait']['kind'], string>> = {
  'rwlock-read': 'rwlock',
  'rwlock-write': 'rwlock',
  condvar: 'condition variable',
  loader: 'mutex',
  'malloc-arena': 'malloc arena lock',
  stdio: 'stdio lock',
  'go-runtime': 'Go runtime futex',
  unknown: 'futex word',
}

/** `mutex=0x7f12 <_rtld_global+2352>` → `_rtld_global+2352` */
function printedSymbols(threads: readonly Thread[]): Map<string, string> {
  const symbols = new Map<string, string>()
  for (const frame of threads.flatMap((thread) => thread.frames)) {
    if (frame.args?.includes(' <') !== true) continue
    for (const match of frame.args.matchAll(/=(0x[0-9a-f]{1,16}) <([^<>]{1,200})>/g)) {
      if (match[1] !== undefined && match[2] !== undefined) symbols.set(match[1], match[2])
    }
  }
  return symbols
}

function summarise(complaints: readonly string[]): string[] {
  const shown = complaints
    .slice(0, UNREAD_LIMIT)
    .map((line) => `not read as a stack frame: ${line}`)
  const more = complaints.length - shown.length
  return more > 0 ? [...shown, `and ${more} lines more`] : shown
}
