import { plainAddress, type FrameParser } from './frame.js'
import type { MemoryWindow } from './memory.js'
import { isMusl, nameByMuslShape } from './musl.js'
import type { DumpSection } from './protocol.js'
import { nameByShape, type Descriptor } from './shape.js'
import { signalName } from './signals.js'
import { finishStack } from './stack.js'
import { parseThreadText } from './text.js'
import type { Frame, Library, Thread } from './types.js'
import { decodeWait, type DecodedWait } from './wait.js'

/** What the reading of one thread needs to know of the whole dump. */
export interface DumpContext {
  readonly parse: FrameParser
  /** As gdb names it: `i386:x86-64` */
  readonly architecture: string | null
  readonly libcMinor: number | null
  readonly libraries: readonly Library[]
  readonly registers: ReadonlyMap<number | null, Readonly<Record<string, string>>>
  /** Memory around futex words, by the word's address */
  readonly windows: ReadonlyMap<string, MemoryWindow>
  readonly descriptors: readonly Descriptor[]
  /** Thread id as the process itself sees it → LWP, where they differ */
  readonly lwpOfTid: ReadonlyMap<number, number>
}

/** Architectures whose system calls the script reads: without one there, the thread was not in any. */
const KNOWN_ARCHITECTURES = ['i386:x86-64', 'aarch64']

/** One thread of the protocol as the model has it, and its wait with what decoding the lock needs. */
export function buildThread(
  line: DumpSection<'thread'>,
  context: DumpContext,
): { thread: Thread; decoded: DecodedWait | null } {
  const frames = parseThreadText(line.text, context.parse).map((frame) =>
    placeFrame(frame, line.pcs, context.libraries),
  )
  const decoded = waitOf(line, frames, context)
  const joined = decoded?.wait.lwp ?? null
  const thread: Thread = {
    number: line.number,
    lwp: line.lwp,
    pthread: line.pointer,
    name: line.name,
    frames: finishStack(markRaised(frames, line, decoded)),
    wait:
      decoded === null || joined === null
        ? (decoded?.wait ?? null)
        : { ...decoded.wait, lwp: context.lwpOfTid.get(joined) ?? joined },
    observed: null,
    registers: context.registers.get(line.lwp) ?? null,
  }
  return { thread, decoded }
}

function waitOf(
  line: DumpSection<'thread'>,
  frames: readonly Frame[],
  context: DumpContext,
): DecodedWait | null {
  const { architecture, libcMinor } = context
  const readable = KNOWN_ARCHITECTURES.includes(architecture ?? '')
  const syscall = line.syscall ?? (readable ? 'none' : null)
  const decoded = decodeWait({ frames, syscall, architecture, libcMinor })
  if (decoded === null) return null
  const window = context.windows.get(decoded.word ?? '') ?? null
  return isMusl(context.libraries, frames)
    ? nameByMuslShape(decoded, window, context.descriptors)
    : nameByShape(decoded, frames, window, context.descriptors)
}

/** Gives a frame what its line of text leaves out: its address and the file that it lies in. */
function placeFrame(frame: Frame, pcs: readonly string[], libraries: readonly Library[]): Frame {
  const pc = frame.pc ?? pcs[frame.level] ?? null
  if (pc === null || frame.signalFrame) return frame
  const library = frame.library ?? libraries.find((file) => contains(file, pc))?.path ?? null
  return { ...frame, pc: plainAddress(pc), library }
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
  const address = decoded?.wait.address ?? null
  const wanted = new Set([decoded?.word, address])
  return frames.map((frame) => {
    const raised = signals.get(frame.level)
    if (frame.signalFrame && raised !== undefined && raised.signal !== null) {
      const { signal: number, code } = raised
      return { ...frame, signal: { number, name: signalName(number), code: code ?? 0 } }
    }
    const interrupted = Object.values(signals.get(frame.level - 1)?.registers ?? {})
    const same = address !== null && interrupted.some((value) => wanted.has(value))
    return same ? { ...frame, lock: address } : frame
  })
}
