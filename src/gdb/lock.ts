import { isLoader, type DecodedWait } from './wait.js'
import type { Lock } from './types.js'

/** Memory around a futex word, as the dump gives it. */
export interface MemoryWindow {
  /** The futex word */
  readonly address: string
  /** Address of the first byte; null when nothing could be read */
  readonly start: string | null
  readonly bytes: Uint8Array
  /** Nearest symbol of the word, e.g. `_rtld_global+2352` */
  readonly symbol: string | null
  readonly library: string | null
}

/** What else a lock's decoding needs to know of the process. */
export interface LockSurroundings {
  /** The loader's own locks by debug information: address → field */
  readonly fields: ReadonlyMap<string, string>
  /** Thread descriptor's address → LWP */
  readonly lwpOfPointer: ReadonlyMap<string, number>
  /** Thread id as the process itself sees it → LWP, where they differ */
  readonly lwpOfTid: ReadonlyMap<number, number>
}

type State = Pick<Lock, 'kind' | 'word' | 'owner' | 'count' | 'users'> & {
  readonly unsure?: boolean
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
      field === undefined ? (told ?? loaderRole(reader(address, window), window)) : roleOf(field),
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
function loaderRole(read: Read, window: MemoryWindow | null): Lock['role'] {
  if (!isLoader(window?.library ?? null)) return null
  const before = (count: number): boolean => isRecursiveMutex(read, -count * LOADER_LOCK_BYTES)
  if (!isRecursiveMutex(read, 0)) return null
  return before(1) && !before(2) ? 'loader-write-lock' : 'loader-load-lock'
}

/** `__kind` is PTHREAD_MUTEX_RECURSIVE_NP, and spins, elision and the robust list are unused. */
function isRecursiveMutex(read: Read, at: number): boolean {
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
): State {
  const kinds = new Set(waits.map(({ wait }) => wait.kind))
  const read = reader(address, window)
  const simple: State = {
    kind: 'futex word',
    word: wordOf(waits, window),
    owner: null,
    count: null,
    users: null,
  }
  if (kinds.has('mutex') || kinds.has('loader')) return mutexState(read)
  if (kinds.has('rwlock-read') || kinds.has('rwlock-write')) return rwlockState(read)
  if (kinds.has('stdio')) return stdioState(read, around.lwpOfPointer)
  if (kinds.has('semaphore')) return { ...simple, kind: 'semaphore', word: read(0), users: read(4) }
  const named = [...kinds].map((kind) => NAMES[kind]).find((name) => name !== undefined)
  return { ...simple, kind: named ?? simple.kind }
}

function wordOf(waits: readonly DecodedWait[], window: MemoryWindow | null): number | null {
  const word = waits.find((wait) => wait.word !== null)?.word ?? null
  return word === null ? null : reader(word, window)(0)
}

/** Reads unsigned 32-bit words at offsets from an address; null outside of what was dumped. */
function reader(address: string, window: MemoryWindow | null): (offset: number) => number | null {
  if (window?.start === null || window === null) return () => null
  const { start, bytes } = window
  const base = Number(BigInt(address) - BigInt(start))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return (offset) => {
    const at = base + offset
    return at >= 0 && at + 4 <= bytes.byteLength ? view.getUint32(at, true) : null
  }
}

type Read = (offset: number) => number | null

const MUTEX_TYPES = ['normal', 'recursive', 'error-checking', 'adaptive'] as const
const ROBUST = 16
const PRIO_INHERIT = 32
/** Type, robust, priority, shared and lock elision bits (nptl/pthreadP.h) */
const KNOWN_KIND_BITS = 0x3 | 0xf0 | 0x300
const FUTEX_TID_MASK = 0x3fffffff

/** pthread_mutex_t (bits/struct_mutex.h, 64-bit): `__lock` 0, `__count` 4, `__owner` 8, `__nusers` 12, `__kind` 16. */
function mutexState(read: Read): State {
  const [word, count, owner, users, kind] = [read(0), read(4), read(8), read(12), read(16)]
  if (word === null || count === null || owner === null || users === null || kind === null) {
    return { kind: 'mutex', word, owner: null, count: null, users: null }
  }
  if ((kind & ~KNOWN_KIND_BITS) !== 0) {
    return { kind: 'mutex', word, owner: null, count: null, users: null, unsure: true }
  }
  const inWord = (kind & (ROBUST | PRIO_INHERIT)) !== 0 ? word & FUTEX_TID_MASK : 0
  const properties = [
    (kind & PRIO_INHERIT) !== 0 ? 'priority-inheritance ' : '',
    (kind & ROBUST) !== 0 ? 'robust ' : '',
  ]
  return {
    kind: `${properties.join('')}${MUTEX_TYPES[kind & 3] ?? ''} mutex`,
    word,
    owner: owner === 0 || owner > FUTEX_TID_MASK ? inWord : owner,
    count,
    users,
  }
}

/** pthread_rwlock_t: `__readers` 0 (3 flag bits, then the number of readers), `__cur_writer` 24. */
function rwlockState(read: Read): State {
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
function stdioState(read: Read, lwpOfPointer: ReadonlyMap<string, number>): State {
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
