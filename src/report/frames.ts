import type { Culprit, FrameRef, Victim } from '../diagnosis/schema.js'
import type { Frame, StoppedProcess, Thread } from '../gdb/types.js'
import { visibleLine } from './visible.js'

/** A frame as reports show it, and the part it plays. */
export interface ShownFrame {
  readonly level: number
  readonly function: string
  readonly args: string | null
  readonly pc: string | null
  readonly where: string | null
  readonly role: 'waiting' | 'signal' | 'interrupted' | null
  /** How many frames are left out before this one */
  readonly skipped: number
}

type Party = Pick<Culprit, 'thread' | 'lwp' | 'waiting'> & Partial<Pick<Culprit, 'interrupted'>>

/** The thread of the dump that a culprit or victim stands for. */
export function threadOf(party: Culprit | Victim, process: StoppedProcess | null): Thread | null {
  const byLwp = process?.threads.find((thread) => party.lwp !== null && thread.lwp === party.lwp)
  const byNumber = process?.threads.find(
    (thread) => party.thread !== null && thread.number === party.thread,
  )
  return byLwp ?? byNumber ?? null
}

/** One frame of a dump in its shown form. */
export function shownFrame(frame: Frame, party: Party | null): ShownFrame {
  const place = frame.file === null ? frame.library : `${frame.file}:${frame.line ?? '?'}`
  return {
    level: frame.level,
    function: frame.signalFrame ? '<signal handler called>' : (frame.function ?? '??'),
    args: frame.args,
    pc: frame.pc,
    where: place,
    role: roleOf(frame, party),
    skipped: 0,
  }
}

function roleOf(frame: Frame, party: Party | null): ShownFrame['role'] {
  if (frame.signalFrame) return 'signal'
  if (party === null) return null
  if (party.waiting?.level === frame.level) return 'waiting'
  if (party.interrupted?.level === frame.level) return 'interrupted'
  return null
}

/** Frames shown on each side of one that plays a part. */
const NEIGHBOURS = 2

/**
 * The frames that matter of a party's stack, innermost first: those that play a part, two on each side, and the
 * outermost. Without a dump: the frames that the diagnosis names.
 */
export function framesThatMatter(
  party: Culprit | Victim,
  process: StoppedProcess | null,
): ShownFrame[] {
  const thread = threadOf(party, process)
  if (thread === null || thread.frames.length === 0) return namedFrames(party)
  const frames = thread.frames.map((frame) => shownFrame(frame, party))
  const marked = frames.flatMap((frame, index) => (frame.role === null ? [] : [index]))
  const around = (index: number): boolean =>
    marked.some((mark) => Math.abs(mark - index) <= NEIGHBOURS) || index === frames.length - 1
  return collapse(frames.filter((_frame, index) => around(index)))
}

/** Notes at each frame how many are left out before it. */
function collapse(frames: ShownFrame[]): ShownFrame[] {
  return frames.map((frame, index) => {
    const before = index === 0 ? -1 : (frames[index - 1]?.level ?? -1)
    return { ...frame, skipped: Math.max(0, frame.level - before - 1) }
  })
}

function namedFrames(party: Culprit | Victim): ShownFrame[] {
  const interrupted = 'interrupted' in party ? party.interrupted : null
  const shown: ShownFrame[] = []
  if (party.waiting !== null) shown.push(fromRef(party.waiting, 'waiting'))
  if (interrupted !== null) shown.push(fromRef(interrupted, 'interrupted'))
  return collapse(shown)
}

function fromRef(ref: FrameRef, role: ShownFrame['role']): ShownFrame {
  const { level, pc, where } = ref
  return { level, function: ref.function ?? '??', args: null, pc, where, role, skipped: 0 }
}

/**
 * A frame as one line of text.
 * @example frameLine(frame) → '#2  pthread_mutex_lock at pthread_mutex_lock.c:115'
 */
export function frameLine(frame: ShownFrame): string {
  const where = frame.where === null ? '' : ` at ${visibleLine(frame.where, 300)}`
  return `#${String(frame.level).padEnd(2)} ${visibleLine(frame.function, 400)}${where}`
}
