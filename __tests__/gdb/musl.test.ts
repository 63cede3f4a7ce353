import { describe, expect, it } from 'vitest'
import { isMusl, muslMutexState, nameByMuslShape } from '../../src/gdb/musl.js'
import type { MemoryWindow } from '../../src/gdb/memory.js'
import { memoryReader } from '../../src/gdb/memory.js'
import type { DecodedWait } from '../../src/gdb/wait.js'
import { makeFrames } from '../helpers/process.js'

const WORD = 0x1000
const WAITERS = 0x80000000
/** Thread 12's descriptor, in which its id lies 48 bytes from the beginning (musl 1.2.3 on amd64). */
const DESCRIPTORS = [
  { address: '0xff0', tid: 12 },
  { address: '0x5000', tid: 13 },
]

/** Memory from 16 bytes before the futex word on. */
function windowOf(words: readonly number[]): MemoryWindow {
  const bytes = new Uint8Array(Uint32Array.from(words).buffer)
  const start = `0x${(WORD - 16).toString(16)}`
  return { address: `0x${WORD.toString(16)}`, start, bytes, symbol: null, library: null }
}

function wait(value: number): DecodedWait {
  const word = `0x${WORD.toString(16)}`
  return {
    wait: { kind: 'unknown', address: word, timed: false, lwp: null, evidence: 'futex' },
    ...{ role: null, word, value, guessed: false, level: null },
  }
}

function named(value: number, words: readonly number[]): DecodedWait {
  return nameByMuslShape(wait(value), windowOf(words), DESCRIPTORS)
}

describe('nameByMuslShape', () => {
  it('knows a normal mutex, which holds EBUSY, and begins before its word', () => {
    const { wait: found, layout } = named(WAITERS + 16, [0, 0, 0, 0, WAITERS + 16, 1])
    expect(found).toMatchObject({ kind: 'mutex', address: '0xffc' })
    expect(layout).toBe('musl')
  })

  it('knows recursive and error-checking ones by the id of a thread', () => {
    for (const type of [1, 2])
      expect(named(WAITERS + 13, [0, 0, 0, type, WAITERS + 13, 2]).wait.kind).toBe('mutex')
  })

  it.each<[string, number, number[]]>([
    ['an id that no thread has', WAITERS + 99, [0, 0, 0, 1, WAITERS + 99, 1]],
    ['a mutex that nobody waits for', WAITERS + 16, [0, 0, 0, 0, WAITERS + 16, 0]],
    ['an internal lock with as many waiters', WAITERS + 16, [9, 9, 9, 0x7fff, WAITERS + 16, 1]],
    ['a semaphore', WAITERS, [0, 0, 0, 0, WAITERS, 1]],
    ['a number that counts', 7, [0, 0, 0, 0, 7, 1]],
  ])('does not take %s for a mutex', (_what, value, words) => {
    expect(named(value, words).wait.kind).toBe('unknown')
  })

  it('knows a join by the descriptor that the word lies in', () => {
    expect(named(2, [0, 0, 12, 0, 2, 0]).wait).toMatchObject({ kind: 'join', lwp: 12 })
  })

  it('knows a condition variable, which from outside looks like a contended mutex of glibc', () => {
    expect(named(2, [0, 0, 0, 0, 2, 0])).toMatchObject({ guessed: true, wait: { kind: 'condvar' } })
    expect(named(2, [0, 0, 0, 1, 2, 0]).wait.kind).toBe('unknown')
  })

  it('says nothing where memory could not be read, or the wait has a name', () => {
    expect(nameByMuslShape(wait(2), null, DESCRIPTORS).wait.kind).toBe('unknown')
    const poll = { ...wait(2), wait: { ...wait(2).wait, kind: 'poll' as const } }
    expect(nameByMuslShape(poll, windowOf([0, 0, 0, 0, 2, 0]), [])).toBe(poll)
  })
})

describe('muslMutexState', () => {
  const state = (words: number[]): ReturnType<typeof muslMutexState> =>
    muslMutexState(memoryReader('0xff0', windowOf(words)))

  it('reads owner and count of a recursive mutex', () => {
    expect(state([1, WAITERS + 13, 2, 0, 0, 1])).toEqual({
      ...{ kind: 'recursive mutex', word: WAITERS + 13, owner: 13, count: 1, users: 2 },
    })
  })

  it('names no owner of a normal one', () => {
    expect(state([0, WAITERS + 16, 1, 0, 0, 0])).toMatchObject({
      kind: 'normal mutex',
      owner: null,
    })
  })
})

describe('isMusl', () => {
  const library = (path: string): Parameters<typeof isMusl>[0] => [
    { path, from: null, to: null, symbols: true },
  ]

  it('knows it by its loader, or by a function of its own where it is linked in', () => {
    expect(isMusl(library('/lib/ld-musl-x86_64.so.1'), [])).toBe(true)
    expect(isMusl([], makeFrames('#0 0x0000000000403d19 in __syscall_cp_c ()'))).toBe(true)
    expect(isMusl(library('/lib/x86_64-linux-gnu/libc.so.6'), makeFrames('main ()'))).toBe(false)
  })
})
