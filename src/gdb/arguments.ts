import { plainAddress } from './frame.js'
import { isRelease, plainName, waitingCall } from './names.js'
import type { Frame, Wait } from './types.js'

/** Finds an address among a frame's arguments: `mutex=mutex@entry=0x7f12 <_rtld_global+2352>` → `0x7f12`. */
function parameter(names: string): RegExp {
  return new RegExp(
    `(?:^|[ ,(])(?:${names})=(?:\\w{1,40}@entry=)?(?:\\([^()]{0,60}\\) ?)?(0x[0-9a-fA-F]{1,16})`,
  )
}

/** Parameters that hold the lock, by kind; `futex` and `futex_word` only where the word is the lock. */
const PARAMETERS: Partial<Record<Wait['kind'], RegExp>> = {
  mutex: parameter('mutex|futex|futex_word'),
  'rwlock-read': parameter('rwlock'),
  'rwlock-write': parameter('rwlock'),
  condvar: parameter('cond'),
  semaphore: parameter('sem|isem|futex_word'),
  barrier: parameter('barrier'),
  once: parameter('once_control'),
  'low-level-lock': parameter('futex|futex_word'),
  'go-runtime': parameter('addr'),
}
const RELEASE_PARAMETER = parameter('mutex|rwlock|futex|decr')

/** The lock's address as debug information gives it in the frames' arguments, outermost of them first; or null. */
export function lockArgument(frames: readonly Frame[], kind: Wait['kind']): string | null {
  const pattern = PARAMETERS[kind]
  if (pattern === undefined) return null
  const found = frames.toReversed().map((frame) => addressArgument(frame, pattern))
  return found.find((address) => address !== null) ?? null
}

function addressArgument(frame: Frame, pattern: RegExp): string | null {
  const address = frame.args === null ? undefined : pattern.exec(frame.args)?.[1]
  return address === undefined || /^0x0*$/.test(address) ? null : plainAddress(address)
}

/** The lock that a frame takes, releases or waits for, by its arguments; null for all other frames. */
export function lockOfFrame(frame: Frame): string | null {
  if (frame.args === null || frame.args === '') return null
  const name = plainName(frame.function)
  if (isRelease(name)) return addressArgument(frame, RELEASE_PARAMETER)
  const pattern =
    PARAMETERS[waitingCall(name) ?? (name.startsWith('lll_') ? 'low-level-lock' : 'unknown')]
  return pattern === undefined ? null : addressArgument(frame, pattern)
}
