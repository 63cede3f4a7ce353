import { mutexState, type LockState } from './mutex.js'
import { muslMutexState } from './musl.js'
import { memoryReader, type MemoryWindow, type ReadWord } from './memory.js'
import { isLoader } from './call.js'
import type { DecodedWait } from './wait.js'
import type { Lock } from './types.js'

/** What else a lock's decoding needs to know of the process. */
export interface LockSurroundings {
  /** The loader's own locks by debug information: address → field */
  readonly fields: ReadonlyMap<string, string>
  /** Thread descriptor's address → LWP */
  readonly lwpOfPointer: ReadonlyMap<string, number>
  /** Thread id as the process itself sees it → LWP, where they differ */
  readonly lwpOfTid: ReadonlyMap<number, number>
}

/** One lock from the memory around its futex word and from all the waits on it. */
export function decodeLock(
  address: string,
  waits: readonly DecodedWait[],
  window: MemoryWindow | null,
  around: LockSurroundings,
): Lock {
  const field = around.fields.get(address)
  const state = decodeState(address, waits, window, around)
  const told = waits.find((wait) => wait.role !== null)?.role ?? null
  const owner = state.owner === null ? null : (around.lwpOfTid.get(state.owner) ?? state.owner)
  return {
    address,
    symbol: field ?? symbolOf(address, window),
    library: window?.library ?? null,
    kind: state.kind,
    role:
      field === undefined
        ? (told ?? loaderRole(memoryReader(address, window), window))
        : roleOf(field),
    word: state.word,
    owner,
    count: state.count,
    users: state.users,
    guessed: waits.every((wait) => wait.guessed) || state.unsure === true,
  }
}

function roleOf(field: string): Lock['role'] {
  return field.endsWith('_dl_load_write_lock') ? 'loader-write-lock' : 'loader-load-lock'
}

/** Size of one of the loader's recursive mutexes, which lie side by side in `_rtld_global` (elf/dl-support.c, ldsodefs.h). */
const LOADER_LOCK_BYTES = 40

/**
 * For a recursive mutex in the dynamic loader that frames do not tell: `_dl_load_lock` comes first, then
 * `_dl_load_write_lock`, then, since glibc 2.35, `_dl_load_tls_lock`, which is part of loading.
 */
function loaderRole(read: ReadWord, window: MemoryWindow | null): Lock['role'] {
  if (!isLoader(window?.library ?? null)) return null
  const before = (count: number): boolean => isRecursiveMutex(read, -count * LOADER_LOCK_BYTES)
  if (!isRecursiveMutex(read, 0)) return null
  return before(1) && !before(2) ? 'loader-write-lock' : 'loader-load-lock'
}

/** `__kind` is PTHREAD_MUTEX_RECURSIVE_NP, and spins, elision and the robust list are unused. */
function isRecursiveMutex(read: ReadWord, at: number): boolean {
  return read(at + 16) === 1 && [20, 24, 28, 32, 36].every((offset) => read(at + offset) === 0)
}

/** The word's symbol, moved back to the object's beginning: `lock+12` → `lock`. */
function symbolOf(address: string, window: MemoryWindow | null): string | null {
  if (window?.symbol === null || window === null) return null
  const match = /^(.*?)(?:\+(\d+))?$/.exec(window.symbol)
  const offset = Number(match?.[2] ?? 0) - Number(BigInt(window.address) - BigInt(address))
  if (match?.[1] === undefined || offset < 0) return null
  return offset === 0 ? match[1] : `${match[1]}+${offset}`
}

const NAMES: Partial<Record<DecodedWait['wait']['kind'], string>> = {
  condvar: 'condition variable',
  'malloc-arena': 'malloc arena lock',
  'low-level-lock': 'low-level lock',
  'go-runtime': 'Go runtime futex',
  join: 'thread id',
  barrier: 'barrier',
  once: 'once flag',
}

function decodeState(
  address: string,
  waits: readonly DecodedWait[],
  window: MemoryWindow | null,
  around: LockSurroundings,
): LockState {
  const kinds = new Set(waits.map(({ wait }) => wait.kind))
  const read = memoryReader(address, window)
  const simple: LockState = {
    kind: 'futex word',
    word: wordOf(waits, window),
    owner: null,
    count: null,
    users: null,
  }
  if (waits.some(({ layout }) => layout === 'musl')) return muslMutexState(read)
  if (kinds.has('mutex') || kinds.has('loader')) return mutexState(read)
  if (kinds.has('rwlock-read') || kinds.has('rwlock-write')) return rwlockState(read)
  if (kinds.has('stdio')) return stdioState(read, around.lwpOfPointer)
  if (kinds.has('semaphore')) return { ...simple, kind: 'semaphore', word: read(0), users: read(4) }
  const named = [...kinds].map((kind) => NAMES[kind]).find((name) => name !== undefined)
  return { ...simple, kind: named ?? simple.kind }
}

function wordOf(waits: readonly DecodedWait[], window: MemoryWindow | null): number | null {
  const word = waits.find((wait) => wait.word !== null)?.word ?? null
  return word === null ? null : memoryReader(word, window)(0)
}

/** pthread_rwlock_t: `__readers` 0 (3 flag bits, then the number of readers), `__cur_writer` 24. */
export function rwlockState(read: ReadWord): LockState {
  const readers = read(0)
  return {
    kind: 'rwlock',
    word: readers,
    owner: read(24),
    count: null,
    users: readers === null ? null : readers >>> 3,
  }
}

/** _IO_lock_t (sysdeps/nptl/stdio-lock.h): lock 0, count 4, owner 8 as a pointer to its thread's descriptor. */
function stdioState(read: ReadWord, lwpOfPointer: ReadonlyMap<string, number>): LockState {
  const [low, high] = [read(8), read(12)]
  const pointer = low === null || high === null ? null : (BigInt(high) << 32n) | BigInt(low)
  const owner =
    pointer === null
      ? null
      : pointer === 0n
        ? 0
        : (lwpOfPointer.get(`0x${pointer.toString(16)}`) ?? null)
  return { kind: 'stdio lock', word: read(0), owner, count: read(4), users: null }
}
