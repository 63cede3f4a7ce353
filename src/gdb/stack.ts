import type { Frame } from './types.js'
import { lockOfFrame } from './wait.js'

/**
 * Marks what the text only implies. gdb prints no address for a frame whose callee was inlined into it, so a frame
 * without one (past the first) says that the frame before is inlined, and has its address.
 */
export function markInlined(frames: readonly Frame[]): Frame[] {
  return frames.map((frame, index) => {
    const outer = frames[index + 1]
    const inlined =
      outer !== undefined && outer.pc === null && !outer.signalFrame && !frame.signalFrame
    return inlined && outer.level === frame.level + 1 ? { ...frame, inlined: true } : frame
  })
}

/**
 * Ends a stack at Go's switch to the scheduler's stack: gdb crosses `runtime.asmcgocall` with invented frames, such as a
 * `runtime.park_m` that never called it.
 */
export function cutAtGoSwitch(frames: readonly Frame[]): Frame[] {
  const at = frames.findIndex((frame) =>
    /^runtime\.asmcgocall(?:\.abi0|_no_g(?:\.abi0)?)?$/.test(frame.function ?? ''),
  )
  const last = frames[at]
  if (last === undefined || at === frames.length - 1) return [...frames]
  return [
    ...frames.slice(0, at),
    {
      ...last,
      cut: `the stack changes here; ${frames.length - 1 - at} frames that gdb made up are left out`,
    },
  ]
}

/** The stack as the model holds it: ended where gdb invents frames, each lock function with its lock. */
export function finishStack(frames: readonly Frame[]): Frame[] {
  return cutAtGoSwitch(frames).map((frame) => {
    const lock = frame.lock ?? lockOfFrame(frame)
    return lock === null ? frame : { ...frame, lock }
  })
}
