import type { Frame, Wait } from '../gdb/types.js'
import { isSignalMark } from './stack.js'
import { USER_SPACE_PLUMBING, USER_SPACE_WAITS } from './user-space-waits.js'
import { isNamed, isNamelessLibc, lockArgument, lockArgumentSymbol } from './frame-names.js'

export type Kind = Wait['kind']

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
  ...USER_SPACE_WAITS,
]

/** Plumbing under a wait: it says that the thread sleeps, not for what. */
const PLUMBING =
  /^((lll_)?futex_\w+|futex|syscall(_cancel(_arch)?|_asm|_cp\w*)?|internal_syscall_cancel|wait|timedwait(_cp|_tid)?|lll_(timed)?wait_tid|do_futex_wait(\.constprop)?|kernel_vsyscall|libc_do_syscall|gthread_mutex_lock|L_lock_\d+|lll_\w*)$/

/** Kinds that name more than "some low-level lock". */
export function isSpecific(kind: Kind): boolean {
  return kind !== 'low-level-lock' && kind !== 'unknown'
}

/** A wait as its frames tell it. */
export interface WaitShape {
  readonly kind: Kind
  readonly address: string | null
  readonly symbol: string | null
  readonly timed: boolean
  /** Of its outermost frame: the caller stands at `index + 1` */
  readonly index: number
  /** For a join: the pthread id waited for, from `threadid=` */
  readonly joins: string | null
  readonly evidence: string
}

/**
 * Reads the innermost frames as long as they are a wait's own: `futex_wait` → `__lll_lock_wait` →
 * `pthread_mutex_lock` is a mutex, at index 2. The first specific kind wins, so that a condition variable that takes
 * its mutex again after waking counts as waiting for the mutex.
 */
export function readWaitShape(frames: readonly Frame[], sleeps: boolean): WaitShape | null {
  let found: { kind: Kind; index: number } | null = sleeps ? namelessWait(frames) : null
  for (const [index, frame] of frames.entries()) {
    if (isSignalMark(frame)) break
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
    joins: found.kind === 'join' ? joinArgument(own) : null,
    evidence: frame === undefined ? '' : `frame #${frame.level} ${frame.function ?? '??'}`,
  }
}

/** In a stripped libc: frames without names on top of the first named one, of a thread that is known to sleep. */
function namelessWait(frames: readonly Frame[]): { kind: Kind; index: number } | null {
  const named = frames.findIndex((frame) => !isNamelessLibc(frame))
  return named > 0 && named <= 3 ? { kind: 'unknown', index: named - 1 } : null
}

/** Of frames without names only the innermost two: a stripped libc's `__lll_lock_wait` and the system call under it. */
function isPlumbing(frame: Frame, index: number): boolean {
  return (
    isNamed(frame, PLUMBING) ||
    isNamed(frame, USER_SPACE_PLUMBING) ||
    (index < 2 && isNamelessLibc(frame))
  )
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
