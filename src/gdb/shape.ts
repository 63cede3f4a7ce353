import { memoryReader, type MemoryWindow } from './memory.js'
import { isMutexKind, isRobust } from './mutex.js'
import type { Frame } from './types.js'
import type { DecodedWait } from './wait.js'

/** A thread's descriptor (struct pthread): where it lies, and the id that its `tid` field holds. */
export interface Descriptor {
  readonly address: string
  readonly tid: number
}

/** struct pthread has some 2,300 bytes (glibc nptl/descr.h); `tid` lies in its first half. */
const DESCRIPTOR_BYTES = 2304n
const MAX_WAITERS = 100_000
const PRIVATE = 128
const FUTEX_WAITERS = 0x80000000

/**
 * Names a wait that frames do not tell by what lies in memory. Since 2.34 glibc's libraries come without the names of
 * their own functions: `pthread_join`, `sem_wait` and the robust `pthread_mutex_lock` are `?? ()` then.
 *
 * - a word inside the descriptor of the very thread whose id it is expected to hold: a join (certain);
 * - a zero followed by a number of waiters and a private flag: a semaphore, sem_t (a guess);
 * - a word with waiters in a mutex whose kind is robust: that mutex (a guess).
 */
export function nameByShape(
  decoded: DecodedWait,
  frames: readonly Frame[],
  window: MemoryWindow | null,
  descriptors: readonly Descriptor[],
): DecodedWait {
  const { word, value, wait } = decoded
  if (wait.kind !== 'unknown' || word === null || value === null) return decoded
  if (descriptors.some((descriptor) => holdsTid(descriptor, word, value))) {
    const evidence = `${wait.evidence}, the id field of that thread's descriptor`
    return { ...decoded, wait: { ...wait, kind: 'join', lwp: value, evidence } }
  }
  if (!isNamelessLibc(frames[0])) return decoded
  const kind = shapeOf(memoryReader(word, window), value)
  if (kind === null) return decoded
  const evidence = `${wait.evidence}, in memory shaped as a ${kind}`
  return { ...decoded, guessed: true, wait: { ...wait, kind, evidence } }
}

function holdsTid({ address, tid }: Descriptor, word: string, value: number): boolean {
  const offset = BigInt(word) - BigInt(address)
  return tid === value && offset > 0n && offset < DESCRIPTOR_BYTES
}

function isNamelessLibc(frame: Frame | undefined): boolean {
  return frame?.function === null && /(?:^|\/)libc[-.][^/]*$/.test(frame.library ?? '')
}

function shapeOf(
  read: (offset: number) => number | null,
  value: number,
): 'semaphore' | 'mutex' | null {
  const [word, next, third, fourth, kind] = [read(0), read(4), read(8), read(12), read(16)]
  const waiters = next !== null && next >= 1 && next <= MAX_WAITERS
  if (value === 0 && word === 0 && waiters && (third === 0 || third === PRIVATE) && fourth === 0) {
    return 'semaphore'
  }
  const robust = kind !== null && isMutexKind(kind) && isRobust(kind)
  return robust && value >= FUTEX_WAITERS ? 'mutex' : null
}
