import { isLowLevel, plainName, waitingCall } from './names.js'
import type { Frame, Wait } from './types.js'

/** Frames looked at for the wait: glibc's own never are as deep. */
const SECTION_FRAMES = 12

/** The frames from the innermost to the first signal frame. */
export function ownSection(frames: readonly Frame[]): readonly Frame[] {
  const signal = frames.findIndex((frame) => frame.signalFrame)
  return frames.slice(0, signal < 0 ? SECTION_FRAMES : Math.min(signal, SECTION_FRAMES))
}

/** The call that a thread waits in. */
export interface Call {
  readonly kind: Wait['kind']
  /** The frame that waits, and the function that asked for it */
  readonly frame: Frame
  readonly caller: Frame | null
  /** Frames below it (further in) */
  readonly depth: number
}

/** The innermost frame that tells what is waited for. */
export function findCall(section: readonly Frame[]): Call | null {
  let low: { frame: Frame; depth: number } | null = null
  for (const [depth, frame] of section.entries()) {
    const name = plainName(frame.function)
    const kind = waitingCall(name)
    if (kind !== null) return { kind, frame, depth, caller: callerOf(section, depth, kind) }
    if (isLowLevel(name)) low = { frame, depth }
    else if (name !== '') break
  }
  if (low === null || !/lll_|L_lock/.test(low.frame.function ?? '')) return null
  return { kind: 'low-level-lock', ...low, caller: callerOf(section, low.depth, 'low-level-lock') }
}

/**
 * glibc's internal locks without its symbols: the innermost frame has no name but lies in libc, and the futex word is
 * expected to be 2, taken with waiters (nptl/lowlevellock.c).
 */
export function hiddenLock(section: readonly Frame[], value: number): Call | null {
  const frame = section[0]
  if (value !== 2 || frame === undefined || frame.function !== null) return null
  if (!/(?:^|\/)lib(?:c|pthread)[-.][^/]*$/.test(frame.library ?? '')) return null
  return { kind: 'low-level-lock', frame, depth: 0, caller: callerOf(section, 0, 'low-level-lock') }
}

/**
 * The frame that called for the lock, past its aliases. glibc's internal locks are asked for by functions that often have
 * no name (`_int_malloc`): there frames without one are passed too.
 */
function callerOf(section: readonly Frame[], depth: number, kind: Wait['kind']): Frame | null {
  const found = section.slice(depth + 1, depth + 5).find((frame) => {
    const name = plainName(frame.function)
    if (name === '') return kind !== 'low-level-lock'
    return waitingCall(name) !== kind && !isLowLevel(name)
  })
  return found ?? null
}

/** True for the dynamic loader itself: `/lib64/ld-linux-x86-64.so.2`, `/lib/x86_64-linux-gnu/ld-2.31.so`. */
export function isLoader(path: string | null): boolean {
  return path !== null && /(?:^|\/)ld(?:-linux[^/]*|-\d[^/]*)\.so[^/]*$/.test(path)
}
