import type { Frame } from './types.js'
import { lockOfFrame } from './arguments.js'

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
 * Go's functions that run on another stack than their caller's (runtime/asm_amd64.s): gdb goes on with what lies on this
 * one and invents frames, such as a `runtime.park_m` below C code, or a `runtime.newproc` below `runtime.mcall`.
 */
const CHANGES_STACK = /^runtime\.(?:asmcgocall|asmcgocall_no_g|mcall|systemstack)(?:\.abi0)?$/

/** Ends a stack where Go changes stacks. */
export function cutAtGoSwitch(frames: readonly Frame[]): Frame[] {
  const at = frames.findIndex((frame) => CHANGES_STACK.test(frame.function ?? ''))
  const last = frames[at]
  if (last === undefined || at === frames.length - 1) return [...frames]
  const invented = frames.length - 1 - at
  const cut = `Go changes stacks here; ${invented} frames that gdb made up are left out`
  return [...frames.slice(0, at), { ...last, cut }]
}

/** The stack as the model holds it: ended where gdb invents frames, each lock function with its lock. */
export function finishStack(frames: readonly Frame[]): Frame[] {
  return cutAtGoSwitch(frames).map((frame) => {
    const lock = frame.lock ?? lockOfFrame(frame)
    return lock === null ? frame : { ...frame, lock }
  })
}
