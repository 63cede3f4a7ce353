import type { ReadWord } from './memory.js'
import type { Lock } from './types.js'

/** What memory tells of a lock. */
export type LockState = Pick<Lock, 'kind' | 'word' | 'owner' | 'count' | 'users'> & {
  readonly unsure?: boolean
}

export const MUTEX_TYPES = ['normal', 'recursive', 'error-checking', 'adaptive'] as const
const ROBUST = 16
const PRIO_INHERIT = 32
/** Type, robust, priority, shared and lock elision bits (nptl/pthreadP.h) */
const KNOWN_KIND_BITS = 0x3 | 0xf0 | 0x300
const FUTEX_TID_MASK = 0x3fffffff

/** pthread_mutex_t (bits/struct_mutex.h, 64-bit): `__lock` 0, `__count` 4, `__owner` 8, `__nusers` 12, `__kind` 16. */
export function mutexState(read: ReadWord): LockState {
  const [word, count, owner, users, kind] = [read(0), read(4), read(8), read(12), read(16)]
  if (word === null || count === null || owner === null || users === null || kind === null) {
    return { kind: 'mutex', word, owner: null, count: null, users: null }
  }
  if (!isMutexKind(kind)) {
    return { kind: 'mutex', word, owner: null, count: null, users: null, unsure: true }
  }
  const inWord = (kind & (ROBUST | PRIO_INHERIT)) !== 0 ? word & FUTEX_TID_MASK : 0
  const inherits = (kind & PRIO_INHERIT) !== 0 ? 'priority-inheritance ' : ''
  const robust = isRobust(kind) ? 'robust ' : ''
  return {
    kind: `${inherits}${robust}${MUTEX_TYPES[kind & 3] ?? ''} mutex`,
    word,
    owner: owner === 0 || owner > FUTEX_TID_MASK ? inWord : owner,
    count,
    users,
  }
}

/** True for a value that `__kind` of a mutex may have. */
export function isMutexKind(kind: number): boolean {
  return (kind & ~KNOWN_KIND_BITS) === 0
}

export function isRobust(kind: number): boolean {
  return (kind & ROBUST) !== 0
}
