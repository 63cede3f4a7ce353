import { frameReader, plainAddress, type FrameParser } from './frame.js'
import { decodeLock, type LockSurroundings, type MemoryWindow } from './lock.js'
import { readDumpLine, type DumpLine, type DumpSection } from './protocol.js'
import { signalName, signalNumber } from './signals.js'
import { finishStack } from './stack.js'
import { parseThreadText } from './text.js'
import type { Frame, Library, Lock, StoppedProcess, Thread } from './types.js'
import { decodeWait, type DecodedWait } from './wait.js'

/** What a dump gave: the model, gdb's own text for the artifact, and how far it came. */
export interface ParsedDump {
  readonly process: StoppedProcess
  readonly texts: DumpTexts
  /** Every thread was looked at and every lock decoded: enough for a verdict */
  readonly looked: boolean
  /** The dump came to its end */
  readonly complete: boolean
  /** How long gdb had the process stopped, in ms, as far as it told */
  readonly ms: number | null
}

/** Text as gdb printed it, for people. Empty where the dump did not come to it. */
export interface DumpTexts {
  /** `info threads` and `thread apply all bt` */
  readonly threads: string
  readonly threadsFull: string
  readonly registers: string
  readonly libraries: string
  /** Each of the user's commands with its output or error */
  readonly user: string
}

/** Reads what `native/gdb/dump.py` printed, whole or cut off anywhere. Never throws. */
export function parseDump(lines: Iterable<string>): ParsedDump {
  const { sections, unread } = readSections(lines)
  const process = buildProcess(sections, unread)
  return {
    process,
    texts: buildTexts(sections),
    looked: sections.some((line) => line.section === 'looked' && line.threads === line.of),
    complete: sections.some((line) => line.section === 'end'),
    ms:
      sections.findLast((line) => line.section === 'end' || line.section === 'looked')?.ms ?? null,
  }
}

function readSections(lines: Iterable<string>): { sections: DumpLine[]; unread: string[] } {
  const sections: DumpLine[] = []
  let foreign = 0
  for (const line of lines) {
    if (line.trim() === '') continue
    const read = readDumpLine(line)
    if (read === null) foreign++
    else sections.push(read)
  }
  const troubles = sections.flatMap((line) => (line.section === 'trouble' ? [line.message] : []))
  const strange =
    foreign === 0 ? [] : [`${foreign} lines of the dump are not of its protocol or were cut off`]
  return { sections, unread: [...troubles, ...strange] }
}

function pick<Name extends DumpLine['section']>(
  sections: readonly DumpLine[],
  name: Name,
): DumpSection<Name>[] {
  return sections.filter((line): line is DumpSection<Name> => line.section === name)
}

function buildProcess(sections: readonly DumpLine[], unread: readonly string[]): StoppedProcess {
  const about = pick(sections, 'process').at(0)
  const libraries = pick(sections, 'libraries').flatMap((line) => line.mapped)
  const minor = /^2\.(\d+)$/.exec(about?.libc ?? '')?.[1]
  const context = {
    architecture: about?.architecture ?? null,
    libcMinor: minor === undefined ? null : Number(minor),
    libraries,
    parse: frameReader(),
    registers: new Map(pick(sections, 'registers').map((line) => [line.lwp, line.values])),
    lwpOfTid: new Map(
      pick(sections, 'thread').flatMap(({ tid, lwp }) =>
        tid === null || lwp === null ? [] : [[tid, lwp] as const],
      ),
    ),
  }
  const looked = pick(sections, 'thread').map((line) => buildThread(line, context))
  const waits = looked.flatMap(({ decoded }) => (decoded === null ? [] : [decoded]))
  const locks = buildLocks(sections, waits, context.lwpOfTid)
  return {
    pid: about?.pid ?? null,
    executable: about?.executable ?? null,
    threads: nameLoaderWaits(
      looked.map(({ thread }) => thread),
      locks,
    ),
    locks,
    libraries,
    signal: about === undefined ? null : endingSignal(about.signal, about.lwp),
    gdb: pick(sections, 'gdb').at(0)?.version ?? null,
    unread,
  }
}

/** Signals that a debugger stops a process with say nothing of how it fared. */
const DEBUGGER_SIGNALS = [
  0,
  signalNumber('SIGTRAP'),
  signalNumber('SIGSTOP'),
  signalNumber('SIGINT'),
]

function endingSignal(number: number | null, lwp: number | null): StoppedProcess['signal'] {
  if (number === null || DEBUGGER_SIGNALS.includes(number)) return null
  return { number, name: signalName(number), lwp }
}

/** A mutex that turned out to be the loader's makes the waits on it the loader's. */
function nameLoaderWaits(threads: readonly Thread[], locks: readonly Lock[]): Thread[] {
  const loader = new Set(
    locks.filter(({ role }) => role?.startsWith('loader')).map(({ address }) => address),
  )
  return threads.map((thread) =>
    thread.wait?.kind === 'mutex' && loader.has(thread.wait.address ?? '')
      ? { ...thread, wait: { ...thread.wait, kind: 'loader' } }
      : thread,
  )
}

interface Context {
  readonly parse: FrameParser
  readonly architecture: string | null
  readonly libcMinor: number | null
  readonly libraries: readonly Library[]
  readonly registers: ReadonlyMap<number | null, Readonly<Record<string, string>>>
  readonly lwpOfTid: ReadonlyMap<number, number>
}

function buildThread(
  line: DumpSection<'thread'>,
  context: Context,
): { thread: Thread; decoded: DecodedWait | null } {
  const parsed = parseThreadText(line.text, context.parse)
  const placed = parsed.map((frame) => placeFrame(frame, line, context.libraries))
  const decoded = decodeWait({
    frames: placed,
    syscall: line.syscall ?? (hasRegisters(context) ? 'none' : null),
    architecture: context.architecture,
    libcMinor: context.libcMinor,
  })
  const lwp = decoded?.wait.lwp ?? null
  const wait =
    decoded === null
      ? null
      : { ...decoded.wait, lwp: lwp === null ? null : (context.lwpOfTid.get(lwp) ?? lwp) }
  const thread: Thread = {
    number: line.number,
    lwp: line.lwp,
    pthread: line.pointer,
    name: line.name,
    frames: finishStack(markRaised(placed, line, decoded)),
    wait,
    observed: null,
    registers: context.registers.get(line.lwp) ?? null,
  }
  return { thread, decoded }
}

/** Architectures whose system calls the script reads. */
function hasRegisters(context: Context): boolean {
  return context.architecture === 'i386:x86-64' || context.architecture === 'aarch64'
}

/** Gives a frame what its line of text leaves out: its address and the file that it lies in. */
function placeFrame(
  frame: Frame,
  line: DumpSection<'thread'>,
  libraries: readonly Library[],
): Frame {
  const pc = frame.pc ?? line.pcs[frame.level] ?? null
  if (pc === null || frame.signalFrame) return frame
  const file = frame.library ?? libraries.find((library) => contains(library, pc))?.path ?? null
  return { ...frame, pc: frame.pc ?? plainAddress(pc), library: file }
}

function contains(library: Library, pc: string): boolean {
  const [at, from, to] = [Number(pc), Number(library.from), Number(library.to)]
  return at >= from && at < to
}

/** Names each signal on the stack, and the lock that the code it interrupted works on. */
function markRaised(
  frames: readonly Frame[],
  line: DumpSection<'thread'>,
  decoded: DecodedWait | null,
): Frame[] {
  const signals = new Map(line.raised.map((raised) => [raised.level, raised]))
  return frames.map((frame) => {
    const raised = signals.get(frame.level)
    if (frame.signalFrame && raised !== undefined && raised.signal !== null) {
      const signal = {
        number: raised.signal,
        name: signalName(raised.signal),
        code: raised.code ?? 0,
      }
      return { ...frame, signal }
    }
    const wanted = new Set([decoded?.word, decoded?.wait.address])
    const interrupted = Object.values(signals.get(frame.level - 1)?.registers ?? {})
    const address = decoded?.wait.address
    return typeof address === 'string' && interrupted.some((value) => wanted.has(value))
      ? { ...frame, lock: address }
      : frame
  })
}

function buildLocks(
  sections: readonly DumpLine[],
  waits: readonly DecodedWait[],
  lwpOfTid: ReadonlyMap<number, number>,
): Lock[] {
  const windows = new Map(pick(sections, 'memory').map((line) => [line.address, readWindow(line)]))
  const around: LockSurroundings = {
    fields: new Map(
      pick(sections, 'fields').flatMap(({ fields }) =>
        Object.entries(fields).map(([field, address]) => [address, field] as const),
      ),
    ),
    lwpOfPointer: new Map(
      pick(sections, 'thread').flatMap(({ pointer, lwp }) =>
        pointer === null || lwp === null ? [] : [[pointer, lwp] as const],
      ),
    ),
    lwpOfTid,
  }
  const addresses = new Set(waits.flatMap(({ wait }) => wait.address ?? []))
  return [...addresses].map((address) => {
    const same = waits.filter(({ wait }) => wait.address === address)
    const word = same.find((wait) => wait.word !== null)?.word ?? address
    return decodeLock(address, same, windows.get(word) ?? null, around)
  })
}

function readWindow(line: DumpSection<'memory'>): MemoryWindow {
  return { ...line, bytes: Uint8Array.from(Buffer.from(line.bytes, 'hex')) }
}

function buildTexts(sections: readonly DumpLine[]): DumpTexts {
  const threads = pick(sections, 'thread').map((line) => line.text)
  return {
    threads: [...pick(sections, 'info-threads').map((line) => line.text), ...threads].join('\n\n'),
    threadsFull: pick(sections, 'full')
      .map((line) => line.text)
      .join('\n\n'),
    registers: pick(sections, 'registers').map(registerText).join('\n\n'),
    libraries: pick(sections, 'libraries')
      .map((line) => line.text)
      .join('\n'),
    user: pick(sections, 'user')
      .map(
        (line) =>
          `(gdb) ${line.command}\n${line.text}${line.error === null ? '' : `${line.error}\n`}`,
      )
      .join('\n'),
  }
}

function registerText(line: DumpSection<'registers'>): string {
  const rows = Object.entries(line.values).map(([name, value]) => `${name.padEnd(10)} ${value}`)
  return [`LWP ${line.lwp ?? 'unknown'}:`, ...rows].join('\n')
}
