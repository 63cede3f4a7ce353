import type { Still as StillEvent } from './threads.js'

/** What a wait is told by. */
type Still = Pick<StillEvent, 'futex' | 'blocked' | 'pcFile' | 'sp'>

const FUTEX_WAIT = 0
const FUTEX_LOCK_PI = 6
const FUTEX_LOCK_PI2 = 13
/** glibc's low-level lock, Go's runtime.lock: taken, and somebody waits */
const TAKEN_WITH_WAITERS = 2
const WAITERS_BIT = 0x80000000
const ID_BITS = 0x7fffffff
/** All of signals 1 to 31 but SIGKILL (9) and SIGSTOP (19), which cannot be blocked */
const ALL_STANDARD_SIGNALS = 0x7ffbfeffn
/** musl keeps the word of a condition variable's waiter in a frame this near to where the thread sleeps */
const OWN_FRAME_BYTES = 1024n

/**
 * What a still thread waits for, as far as its system call tells:
 * - `lock`: a lock that somebody else, or the thread itself, holds. Healthy programs do not wait long for those.
 * - `unclear`: all signals are blocked, as in a Go signal handler, but the wait is one that idle programs do too.
 * - `none`: what idle threads do all day, a wait that ends by itself, or no futex wait.
 *
 * Which wait looks like what (sources in brackets; private and clock flags are removed):
 *
 * | wait | operation, value |
 * |---|---|
 * | glibc mutex, malloc arena, stdio, loader locks | FUTEX_WAIT, 2 (nptl/lowlevellock.c, the same from 2.28 to 2.43) |
 * | glibc robust mutex | FUTEX_WAIT, owner with bit 31 (nptl/pthread_mutex_lock.c) |
 * | glibc priority-inheriting mutex | FUTEX_LOCK_PI or, since 2.35, FUTEX_LOCK_PI2 (nptl/futex-internal.c) |
 * | glibc condition variable | up to 2.33 FUTEX_WAIT, 0 (pthread_cond_wait.c: futex_wait_cancelable of a group without signals); then FUTEX_WAIT_BITSET, since 2.41 with any value |
 * | glibc semaphore, rwlock, join since 2.31 | FUTEX_WAIT_BITSET (futex-internal.h, futex_abstimed_wait) |
 * | glibc barrier, once | FUTEX_WAIT with a round or a generation; rarely 2, which costs a look |
 * | Go runtime.lock, before spinbit mutexes (1.24) | FUTEX_WAIT, 2 (runtime/lock_futex.go, mutex_sleeping) |
 * | Go parked thread, and runtime.lock since 1.24 | FUTEX_WAIT, 0 (notesleep, semasleep) |
 * | musl mutex, internal locks | FUTEX_WAIT, bit 31 with an owner or a count (pthread_mutex_timedlock.c, __lock.c) |
 * | musl condition variable, join | FUTEX_WAIT, 2: in the waiter's own frame, in the other thread's descriptor (pthread_cond_timedwait.c, pthread_join.c) |
 * | musl semaphore | FUTEX_WAIT, bit 31 alone, before 1.2.4 all bits (sem_timedwait.c) |
 */
export function classifyWait(still: Still): 'lock' | 'unclear' | 'none' {
  if (still.futex === null || still.futex.timed) return 'none'
  if (isLockWait(still)) return 'lock'
  return blocksAllSignals(still.blocked) ? 'unclear' : 'none'
}

function isLockWait(still: Still): boolean {
  if (still.futex === null) return false
  const { op, value } = still.futex
  if (op === FUTEX_LOCK_PI || op === FUTEX_LOCK_PI2) return true
  if (op !== FUTEX_WAIT) return false
  const id = value & ID_BITS
  if (value >= WAITERS_BIT && id !== 0 && id !== ID_BITS) return true
  if (value !== TAKEN_WITH_WAITERS || isMusl(still.pcFile)) return false
  // A program with its C library linked in may have either.
  return isGlibc(still.pcFile) || !isInOwnFrame(still)
}

/** `0xfffffffe7ffbfeff`, as Go's handlers and `pthread_sigmask` with a full set have it: true. */
export function blocksAllSignals(blocked: string | null): boolean {
  if (blocked === null) return false
  return (BigInt(blocked) & ALL_STANDARD_SIGNALS) === ALL_STANDARD_SIGNALS
}

function isMusl(file: string | null): boolean {
  return file !== null && /\/(ld-musl-|libc\.musl-)[^/]*$/.test(file)
}

function isGlibc(file: string | null): boolean {
  return (
    file !== null && /\/(libc|libpthread|ld|ld-linux)[-.][^/]*so[^/]*$/.test(file) && !isMusl(file)
  )
}

/** True when the futex word lies in the waiter's own frame: a condition variable of musl, most likely, and not a lock. */
export function isInOwnFrame(still: Still): boolean {
  if (still.sp === null || still.futex === null) return false
  const above = BigInt(still.futex.address) - BigInt(still.sp)
  return above >= 0n && above < OWN_FRAME_BYTES
}
