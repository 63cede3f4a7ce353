import { plainAddress } from './frame.js'
import { rwlockState } from './lock.js'
import { mutexState, type LockState } from './mutex.js'
import type { Lock } from './types.js'

/** Lines that one printed lock may take with `set print pretty`, and how far above it its command may stand. */
const PRINT_LINES = 18
const COMMAND_LINES = 5

interface Print {
  readonly address: string | null
  /** What was asked for: `queue_lock`, `&pool.mutex` */
  readonly name: string | null
  readonly state: LockState
}

/** The fields of a lock as gdb prints them → their offset in its memory (bits/struct_mutex.h, struct_rwlock.h; 64-bit). */
const MUTEX_FIELDS = { lock: 0, count: 4, owner: 8, nusers: 12, kind: 16 } as const
const RWLOCK_FIELDS = { readers: 0, cur_writer: 24 } as const

/**
 * Adds what somebody printed of mutexes and rwlocks: `{__data = {__lock = 2, __count = 0, __owner = 0, …`. Which lock that
 * is, its command says, by address or by a name that a frame has beside an address (`mutex=0x601080 <lock_b>`); without,
 * it is taken for the only lock of its kind that threads wait for, if there is one.
 */
export function readLockPrints(lines: readonly string[], locks: readonly Lock[]): Lock[] {
  const prints = lines.flatMap((line, index) =>
    /__(?:lock|readers) = -?\d/.test(line) ? readPrint(lines, index) : [],
  )
  const result = new Map(locks.map((lock) => [lock.address, lock]))
  const named = locksBySymbol(locks)
  const only = { mutex: onlyOne(locks, 'mutex'), rwlock: onlyOne(locks, 'rwlock') }
  for (const print of prints) {
    const said = print.address ?? named.get(print.name ?? '') ?? null
    const address = said ?? only[print.state.kind.includes('mutex') ? 'mutex' : 'rwlock']
    if (address === null) continue
    const known = result.get(address) ?? unknownLock(address)
    result.set(address, { ...known, ...stateOf(print), guessed: said === null })
  }
  return [...result.values()]
}

function readPrint(lines: readonly string[], index: number): Print[] {
  const text = lines
    .slice(index, index + PRINT_LINES)
    .join(' ')
    .slice(0, 2000)
  const read = (fields: Readonly<Record<string, number>>): ((offset: number) => number | null) => {
    const values = new Map(
      Object.entries(fields).map(([name, offset]) => [offset, fieldIn(text, name)]),
    )
    return (offset) => values.get(offset) ?? null
  }
  const isRwlock = /__readers = /.test(lines[index] ?? '')
  const state = isRwlock ? rwlockState(read(RWLOCK_FIELDS)) : mutexState(read(MUTEX_FIELDS))
  if (state.owner === null) return []
  return [{ ...commandBefore(lines, index), state }]
}

/** gdb prints most fields as signed numbers: the word of a robust mutex with waiters is below zero. */
function fieldIn(text: string, name: string): number | null {
  const value = new RegExp(`__${name} = (-?\\d{1,10})`).exec(text)?.[1]
  return value === undefined ? null : Number(value) >>> 0
}

/** The address in `p *(pthread_mutex_t *) 0x7f12` or `$1 = (pthread_mutex_t *) 0x7f12`, or the name in `p queue_lock`. */
function commandBefore(
  lines: readonly string[],
  index: number,
): { address: string | null; name: string | null } {
  for (const line of lines.slice(Math.max(0, index - COMMAND_LINES), index + 1).reverse()) {
    const address = /(?:mutex|rwlock)(?:_t)? ?\* ?\)? ?\)?(0x[0-9a-fA-F]{4,16})/.exec(line)?.[1]
    if (address !== undefined) return { address: plainAddress(address), name: null }
    const name = /^p(?:rint)?(?:\/\w)? +([*&]?[A-Za-z_][\w:.>[\]-]{0,200})$/.exec(line.trim())?.[1]
    if (name !== undefined) return { address: null, name: name.replace(/^[*&]|\._M_\w+$/g, '') }
  }
  return { address: null, name: null }
}

/** `lock_b` → its address, by the symbol that gdb printed beside the address in a frame. */
function locksBySymbol(locks: readonly Lock[]): ReadonlyMap<string, string> {
  return new Map(
    locks.flatMap(({ symbol, address }) => (symbol === null ? [] : [[symbol, address]])),
  )
}

function onlyOne(locks: readonly Lock[], kind: 'mutex' | 'rwlock'): string | null {
  const same = locks.filter((lock) => lock.kind.includes(kind))
  return same.length === 1 ? (same[0]?.address ?? null) : null
}

function stateOf({ state }: Print): Partial<Lock> {
  const { kind, word, owner, count, users } = state
  return { kind, word, owner, count, users }
}

function unknownLock(address: string): Lock {
  return {
    address,
    symbol: null,
    library: null,
    kind: 'mutex',
    role: null,
    word: null,
    owner: null,
    count: null,
    users: null,
    guessed: false,
  }
}
