import { isNamed } from './frame-names.js'
import type { Frame, Thread } from '../gdb/types.js'

/** A signal handler that is running on a thread's stack, and what it interrupted. */
export interface HandlerOnStack {
  /** Index of `<signal handler called>` in the thread's frames */
  readonly index: number
  /** `<signal handler called>` itself */
  readonly mark: Frame
  /** The handler's own frames, innermost first */
  readonly handler: readonly Frame[]
  /** The frames that it interrupted, innermost first, down to the next older signal frame */
  readonly interrupted: readonly Frame[]
}

/** The handlers on a thread's stack, newest first. Frames that gdb invented below a cut are left out. */
export function handlersOn(thread: Thread): HandlerOnStack[] {
  const frames = realFrames(thread)
  const marks = frames.flatMap((mark, index) => (isSignalMark(mark) ? [{ mark, index }] : []))
  return marks.map(({ mark, index }, nth) => ({
    index,
    mark,
    handler: frames.slice((marks[nth - 1]?.index ?? -1) + 1, index),
    interrupted: frames.slice(index + 1, marks[nth + 1]?.index),
  }))
}

/** Frames down to and including the first that carries a cut mark: below it gdb shows nothing real. */
export function realFrames(thread: Thread): readonly Frame[] {
  const cut = thread.frames.findIndex((frame) => frame.cut !== null)
  return cut < 0 ? thread.frames : thread.frames.slice(0, cut + 1)
}

/**
 * The frame that returns from a handler: marked by gdb; other tools print its name, glibc's `__restore_rt` on x86-64
 * or the kernel's `__kernel_rt_sigreturn` on arm64.
 */
export function isSignalMark(frame: Frame): boolean {
  return frame.signalFrame || isNamed(frame, /^(restore_rt|restore|kernel_rt_sigreturn)$/)
}
