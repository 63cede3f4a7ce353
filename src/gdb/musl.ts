import type { LockState } from './mutex.js'
import type { MemoryWindow, ReadWord } from './memory.js'
import { memoryReader } from './memory.js'
import type { Descriptor } from './shape.js'
import type { Frame, Library } from './types.js'
import type { DecodedWait } from './wait.js'

/**
 * musl's waits. Its library comes without unwind information, so gdb sees no frame but the innermost one: what a thread
 * waits for is told by the futex word, what it is expected to hold, and the memory around it.
 */

/** Waiters are noted in the word's highest bit, beside the owner's id (pthread_mutex_timedlock.c). */
const WAITERS = 0x80000000
const ID_BITS = 0x3fffffff
/** What a normal mutex holds when taken, in place of an owner: EBUSY (pthread_mutex_lock.c) */
const TAKEN = 16
const WAITERS_MAX = 100_000
/** `_m_lock` in pthread_mutex_t, after `_m_type` (pthread_impl.h) */
const WORD_IN_MUTEX = 4n
/** `detach_state` in struct pthread, two words after `tid` (pthread_impl.h, pthread_join.c) */
const DESCRIPTOR_BYTES = 512n
/** DT_JOINABLE, and the barrier of a waiter on a condition variable (pthread_cond_timedwait.c) */
const CLOSED = 2
const TYPES = ['normal', 'recursive', 'error-checking'] as const

/** True for a program with musl: by its loader, or, where it is linked in, by a function that only musl has. */
export function isMusl(libraries: readonly Library[], frames: readonly Frame[]): boolean {
  return (
    libraries.some(({ path }) => /\/(ld-musl-|libc\.musl-)[^/]*$/.test(path)) ||
    /^__(syscall_cp(_c|_asm)?|timedwait(_cp)?)$/.test(frames[0]?.function ?? '')
  )
}

/**
 * Names a musl program's wait by the shape of the memory:
 * - the highest bit and EBUSY or a thread's id, after a mutex type that fits: a mutex;
 * - 2 in another thread's descriptor, two words after that thread's id: a join;
 * - 2 after a zero, in a `struct waiter`: a condition variable.
 */
export function nameByMuslShape(
  decoded: DecodedWait,
  window: MemoryWindow | null,
  descriptors: readonly Descriptor[],
): DecodedWait {
  const { word, value, wait } = decoded
  if (wait.kind !== 'unknown' || word === null || value === null) return decoded
  const read = memoryReader(word, window)
  if (isMutex(read, value, descriptors)) {
    const address = `0x${(BigInt(word) - WORD_IN_MUTEX).toString(16)}`
    const evidence = `${wait.evidence}, in memory shaped as a mutex of musl`
    return { ...decoded, layout: 'musl', wait: { ...wait, kind: 'mutex', address, evidence } }
  }
  if (value !== CLOSED) return decoded
  const joined = descriptors.find((descriptor) => isInDescriptor(descriptor, word, read))
  if (joined !== undefined) {
    const evidence = `${wait.evidence}, in the descriptor of thread ${joined.tid}`
    return { ...decoded, wait: { ...wait, kind: 'join', lwp: joined.tid, evidence } }
  }
  if (read(-4) !== 0) return decoded
  const evidence = `${wait.evidence}, in memory shaped as a waiter on a condition variable of musl`
  return { ...decoded, guessed: true, wait: { ...wait, kind: 'condvar', evidence } }
}

function isMutex(read: ReadWord, value: number, descriptors: readonly Descriptor[]): boolean {
  const [type, waiters] = [read(-4), read(4)]
  if (value < WAITERS || type === null || waiters === null) return false
  if (waiters < 1 || waiters > WAITERS_MAX) return false
  const owner = value & ID_BITS
  const kind = type & 3
  return kind === 0
    ? owner === TAKEN
    : kind < TYPES.length && descriptors.some(({ tid }) => tid === owner)
}

function isInDescriptor({ address, tid }: Descriptor, word: string, read: ReadWord): boolean {
  const offset = BigInt(word) - BigInt(address)
  return offset > 0n && offset < DESCRIPTOR_BYTES && read(-8) === tid
}

/** pthread_mutex_t (pthread_impl.h, 64-bit): type 0, lock 4, waiters 8, count 20. A normal one does not say who has it. */
export function muslMutexState(read: ReadWord): LockState {
  const [type, word, waiters, count] = [read(0), read(4), read(8), read(20)]
  const kind = (type ?? 0) & 3
  return {
    kind: `${TYPES[kind] ?? ''} mutex`.trim(),
    word,
    owner: word === null || kind === 0 ? null : word & ID_BITS,
    count,
    users: waiters,
  }
}
