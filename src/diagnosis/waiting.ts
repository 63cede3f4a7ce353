import type { Frame, Lock, Thread, Wait } from '../gdb/types.js'
import {
  isNamed,
  isNamelessLibc,
  lockArgument,
  lockArgumentSymbol,
  plainAddress,
} from './frame-names.js'
import { realFrames } from './stack.js'
import { type Subsystem, subsystemById, takenBy } from './subsystems.js'

/** What one thread waits for, from the decoded wait, its frames and what /proc said, in this order. */
export interface Waiting {
  readonly kind: Wait['kind']
  readonly address: string | null
  /** The symbol that gdb printed beside the address, `_rtld_global+2352` */
  readonly symbol: string | null
  readonly timed: boolean
  /** For a join: the LWP waited for, if decoded */
  readonly lwp: number | null
  /** For a join: the pthread id waited for, from the frames' `threadid=` */
  readonly joins: string | null
  /** The outermost frame of the wait itself (`pthread_mutex_lock`), null if the stack has no names */
  readonly frame: Frame | null
  /** Its index in the real frames; the caller is at `index + 1`. -1 without a frame */
  readonly index: number
  readonly subsystem: Subsystem | null
  readonly evidence: string
}

type Kind = Wait['kind']

/** Kinds of wait by the function that waits; the order matters only for readability. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [
    /^(pthread_mutex_(lock|timedlock|clocklock|cond_lock)(_full|_common)?|lll_mutex_lock_optimized|std::\w*mutex::lock)$/,
    'mutex',
  ],
  [/^pthread_rwlock_\w*rdlock\w*$/, 'rwlock-read'],
  [/^pthread_rwlock_\w*wrlock\w*$/, 'rwlock-write'],
  [
    /^(pthread_cond_\w*wait\w*|cnd_(timed)?wait|std::(__1::)?condition_variable\w*::(wait|__wait)\w*)$/,
    'condvar',
  ],
  [/^((new_|old_)?sem_(timed|clock)?wait(64|_slow64|_slow|_common)?)$/, 'semaphore'],
  [/^pthread_barrier_wait$/, 'barrier'],
  [
    /^(pthread_(join|timedjoin_np|clockjoin_ex|clockjoin_np64)|thrd_join|std::(__1::)?thread::join)(\(\))?$/,
    'join',
  ],
  [/^(pthread_once(_slow)?|cxa_guard_acquire|std::call_once.*|call_once)$/, 'once'],
  [
    /^(runtime\.(futex|futexsleep|notesleep|notetsleep\w*|semasleep|epollwait|netpoll|usleep|osyield|mPark|stopm|lock2?|pselect6)|(internal\/)?runtime\/(internal\/)?syscall\.(Syscall6|EpollWait))(\.abi0)?$/,
    'go-runtime',
  ],
  [
    /^(libc_)?(poll|ppoll|select|pselect(64|32)?|epoll_p?wait2?|select64|pselect64_time64)(_chk)?$/,
    'poll',
  ],
  [
    /^(libc_)?(nanosleep|clock_nanosleep(_time64|64)?|usleep|sleep|pause|sigsuspend|sigwait(info)?|sigtimedwait|rt_sigtimedwait)$/,
    'sleep',
  ],
  [
    /^(libc_)?(read|readv|pread64|write|writev|pwrite64|recv(from|msg|mmsg)?|send(to|msg|mmsg)?|accept4?|connect|wait4|wait3|waitpid|waitid|flock|fcntl(64)?|lockf|ioctl|msgrcv|msgsnd|semop|semtimedop|fsync|fdatasync|io_getevents|io_uring_enter|read_nocancel|write_nocancel|open(at)?(64)?)$/,
    'io',
  ],
  [/^(lll_lock_wait(_private)?|lock|lockfile|lll_lock)$/, 'low-level-lock'],
]

/** Plumbing under a wait: it says that the thread sleeps, not for what. */
const PLUMBING =
  /^((lll_)?futex_\w+|futex|syscall(_cancel(_arch)?|_asm|_cp\w*)?|internal_syscall_cancel|wait|timedwait(_cp|_tid)?|lll_(timed)?wait_tid|do_futex_wait(\.constprop)?|kernel_vsyscall|libc_do_syscall|gthread_mutex_lock|lll_\w*)$/

/** Kinds that name more than "some low-level lock". */
function isSpecific(kind: Kind): boolean {
  return kind !== 'low-level-lock' && kind !== 'unknown'
}

/** What the thread waits for, or null when it runs (or nothing tells). */
export function waitingOf(thread: Thread, locks: ReadonlyMap<string, Lock>): Waiting | null {
  const frames = realFrames(thread)
  const shape = waitShape(frames, isKnownToWait(thread))
  const futex = thread.observed?.futex ?? null
  if (thread.wait === null && shape === null && futex === null) return null
  const address = thread.wait?.address ?? shape?.address ?? futex?.address ?? null
  const plain = address === null ? null : plainAddress(address)
  const index = shape?.index ?? -1
  const lock = plain === null ? undefined : locks.get(plain)
  const kind = mergedKind(thread.wait?.kind ?? 'unknown', shape?.kind ?? 'unknown')
  return {
    kind,
    address: plain,
    symbol: shape?.symbol ?? null,
    timed: thread.wait?.timed ?? futex?.timed ?? shape?.timed ?? false,
    lwp: thread.wait?.lwp ?? null,
    joins:
      shape === null || shape.kind !== 'join'
        ? null
        : joinArgument(frames.slice(0, shape.index + 1)),
    frame: frames[index] ?? null,
    index,
    subsystem: LOCK_KINDS.has(kind)
      ? subsystemOfWait(kind, lock, index < 0 ? [] : frames.slice(index + 1))
      : null,
    evidence: thread.wait?.evidence ?? shape?.evidence ?? 'futex system call seen in /proc',
  }
}

function isKnownToWait(thread: Thread): boolean {
  return thread.wait !== null || (thread.observed?.futex ?? null) !== null
}

function mergedKind(decoded: Kind, shape: Kind): Kind {
  return isSpecific(decoded) || shape === 'unknown' ? decoded : shape
}

function subsystemOfWait(
  kind: Kind,
  lock: Lock | undefined,
  callers: readonly Frame[],
): Subsystem | null {
  const byRole = subsystemById(lock?.role ?? null)
  if (byRole !== null) return byRole
  const byFrames = takenBy(callers)
  if (byFrames !== null) return byFrames
  if (kind === 'malloc-arena' || kind === 'stdio') return subsystemById(kind)
  const loader = kind === 'loader' || /^_rtld_(global|local)\b/.test(lock?.symbol ?? '')
  return loader ? subsystemById('loader-write-lock') : null
}

interface WaitShape {
  readonly kind: Kind
  readonly address: string | null
  readonly symbol: string | null
  readonly timed: boolean
  readonly index: number
  readonly evidence: string
}

/**
 * Reads the innermost frames as long as they are a wait's own: `futex_wait` → `__lll_lock_wait` →
 * `pthread_mutex_lock` is a mutex, at index 2. The first specific kind wins, so that a condition variable that takes
 * its mutex again after waking counts as waiting for the mutex.
 */
function waitShape(frames: readonly Frame[], sleeps: boolean): WaitShape | null {
  let found: { kind: Kind; index: number } | null = null
  for (const [index, frame] of frames.entries()) {
    if (frame.signalFrame) break
    const kind = kindOf(frame)
    if (kind === null && !isPlumbing(frame, index)) break
    if (kind !== null && found !== null && isSpecific(found.kind) && kind !== found.kind) break
    if (kind !== null) found = { kind, index }
  }
  // At the top of the stack a mutex function may just as well be running: only what lies under it says that it sleeps.
  if (found === null || (!sleeps && found.kind === 'mutex' && found.index === 0)) return null
  const own = frames.slice(0, found.index + 1)
  const address =
    [...own]
      .reverse()
      .map(lockArgument)
      .find((each) => each !== null) ?? null
  const frame = frames[found.index]
  return {
    ...found,
    address,
    symbol: own.map(lockArgumentSymbol).find((each) => each !== null) ?? null,
    timed: own.some(
      (each) =>
        isNamed(each, /timed|clock(wait|lock|rdlock|wrlock)|nanosleep|usleep/) && hasTimeout(each),
    ),
    evidence: frame === undefined ? '' : `frame #${frame.level} ${frame.function ?? '??'}`,
  }
}

/** Of frames without names only the innermost two: a stripped libc's `__lll_lock_wait` and the system call under it. */
function isPlumbing(frame: Frame, index: number): boolean {
  return isNamed(frame, PLUMBING) || (index < 2 && isNamelessLibc(frame))
}

/** `abstime=0x0` says that a function which could time out was called without a limit. */
function hasTimeout(frame: Frame): boolean {
  return (
    !/abstime=(\w+@entry=)?0x0\b/.test(frame.args ?? '') &&
    !/^(futex_abstimed|.*futex.*abstimed)/.test(frame.function ?? '')
  )
}

function kindOf(frame: Frame): Kind | null {
  return KINDS.find(([pattern]) => isNamed(frame, pattern))?.[1] ?? null
}

const LOCK_KINDS: ReadonlySet<Kind> = new Set<Kind>([
  'mutex',
  'rwlock-read',
  'rwlock-write',
  'malloc-arena',
  'stdio',
  'loader',
  'low-level-lock',
  'once',
])

/** Whether the wait is for something that one thread holds and must give back, and that does not end by itself. */
export function isLockWait(waiting: Waiting): boolean {
  return LOCK_KINDS.has(waiting.kind) && !waiting.timed
}

/** `threadid=140204202047232` in a join's frames, in the form of `Thread.pthread`. */
function joinArgument(frames: readonly Frame[]): string | null {
  for (const frame of frames) {
    const found = /\b(?:threadid|th|thread|t)(?:=\w+@entry)?=(\d{4,20}|0x[0-9a-f]+)\b/.exec(
      frame.args ?? '',
    )
    if (found?.[1] !== undefined) return `0x${BigInt(found[1]).toString(16)}`
  }
  return null
}
