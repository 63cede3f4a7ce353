import { plainAddress } from './frame.js'
import { MUTEX_TYPES } from './mutex.js'
import type { Lock } from './types.js'

/** Lines that one printed mutex may take with `set print pretty`. */
const PRINT_LINES = 14

interface Print {
  readonly address: string | null
  readonly word: number
  readonly count: number
  readonly owner: number
  readonly users: number | null
  readonly type: number
}

/**
 * Adds what somebody printed of a mutex to the locks: `{__data = {__lock = 2, __count = 0, __owner = 0, …`. The address
 * is the one in the command before; without one it is taken for the only lock that threads wait for, if there is one.
 */
export function readLockPrints(lines: readonly string[], locks: readonly Lock[]): Lock[] {
  const prints = lines.flatMap((line, index) =>
    /__lock = \d/.test(line) ? readPrint(lines, index) : [],
  )
  const mutexes = locks.filter((lock) => lock.kind.includes('mutex'))
  const result = new Map(locks.map((lock) => [lock.address, lock]))
  for (const print of prints) {
    const only = mutexes.length === 1 ? mutexes[0]?.address : undefined
    const address = print.address ?? only
    if (address === undefined) continue
    result.set(address, { ...(result.get(address) ?? unknownLock(address)), ...stateOf(print) })
  }
  return [...result.values()]
}

function readPrint(lines: readonly string[], index: number): Print[] {
  const text = lines
    .slice(index, index + PRINT_LINES)
    .join(' ')
    .slice(0, 2000)
  const field = (name: string): number | null => {
    const value = new RegExp(`__${name} = (\\d{1,10})`).exec(text)?.[1]
    return value === undefined ? null : Number(value)
  }
  const [word, count, owner, type] = [field('lock'), field('count'), field('owner'), field('kind')]
  if (word === null || count === null || owner === null || type === null) return []
  return [
    { address: addressBefore(lines, index), word, count, owner, users: field('nusers'), type },
  ]
}

/** The address in `p *(pthread_mutex_t *) 0x7f12` or `$1 = (pthread_mutex_t *) 0x7f12`, at most two lines up. */
function addressBefore(lines: readonly string[], index: number): string | null {
  for (const line of lines.slice(Math.max(0, index - 2), index + 1).reverse()) {
    const address = /mutex_t ?\*\)? ?\)?(0x[0-9a-fA-F]{4,16})/.exec(line)?.[1]
    if (address !== undefined) return plainAddress(address)
  }
  return null
}

function stateOf(print: Print): Partial<Lock> {
  return {
    kind: `${MUTEX_TYPES[print.type & 3] ?? ''} mutex`,
    word: print.word,
    count: print.count,
    owner: print.owner,
    users: print.users,
    guessed: print.address === null,
  }
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
