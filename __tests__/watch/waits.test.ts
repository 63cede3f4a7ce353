import { describe, expect, it } from 'vitest'
import type { Still } from '../../src/watch/threads.js'
import { blocksAllSignals, classifyWait } from '../../src/watch/waits.js'

const ALL = '0xfffffffe7ffbfeff'
const GLIBC = '/usr/lib/x86_64-linux-gnu/libc.so.6'
const OLD_GLIBC = '/lib/x86_64-linux-gnu/libpthread-2.31.so'
const MUSL = '/lib/ld-musl-x86_64.so.1'

function still(
  futex: Partial<NonNullable<Still['futex']>> | null,
  rest: Partial<Still> = {},
): Still {
  return {
    event: 'still',
    t: 1,
    pid: 7,
    tid: 9,
    state: 'S',
    syscall: 202,
    futex: futex && { address: '0x7f0000001000', op: 0, value: 2, timed: false, ...futex },
    pc: '0x7f0000002000',
    sp: '0x7ffc00000000',
    blocked: '0x0',
    pcFile: GLIBC,
    futexFile: null,
    ...rest,
  }
}

describe('classifyWait', () => {
  it.each<[string, Still, 'lock' | 'unclear' | 'none']>([
    ['a glibc mutex', still({}), 'lock'],
    ['a mutex of glibc 2.31', still({}, { pcFile: OLD_GLIBC }), 'lock'],
    ['a mutex on the waiter’s own stack', still({ address: '0x7ffc00000080' }), 'lock'],
    ['a robust mutex', still({ value: 0x80000000 + 12 }), 'lock'],
    ['a priority-inheriting mutex', still({ op: 6, value: 0 }), 'lock'],
    ['the same since glibc 2.35', still({ op: 13, value: 0 }), 'lock'],
    ['a mutex with a time limit', still({ timed: true }), 'none'],
    ['a condition variable up to glibc 2.33', still({ value: 0 }), 'none'],
    ['a condition variable since 2.34', still({ op: 9, value: 0 }), 'none'],
    ['a condition variable since 2.41', still({ op: 9, value: 2 }), 'none'],
    ['a semaphore', still({ op: 9, value: 0 }), 'none'],
    ['an idle Go thread', still({ value: 0 }, { pcFile: '/program' }), 'none'],
    ['Go’s runtime.lock', still({}, { pcFile: '/program' }), 'lock'],
    [
      'any of these with all signals blocked',
      still({ op: 9, value: 0 }, { blocked: ALL }),
      'unclear',
    ],
    ['a mutex with all signals blocked', still({}, { blocked: ALL }), 'lock'],
    ['a sleep with all signals blocked', still(null, { blocked: ALL }), 'none'],
    ['musl’s mutex', still({ value: 0x80000010 }, { pcFile: MUSL }), 'lock'],
    ['musl’s condition variable', still({ address: '0x7ffc00000080' }, { pcFile: MUSL }), 'none'],
    ['musl’s join', still({}, { pcFile: MUSL }), 'none'],
    ['musl’s semaphore', still({ value: 0x80000000 }, { pcFile: MUSL }), 'none'],
    ['musl’s semaphore before 1.2.4', still({ value: 0xffffffff }, { pcFile: MUSL }), 'none'],
    [
      'musl’s condition variable, linked in',
      still({ address: '0x7ffc00000080' }, { pcFile: '/program' }),
      'none',
    ],
  ])('%s', (_title, at, expected) => {
    expect(classifyWait(at)).toBe(expected)
  })
})

describe('blocksAllSignals', () => {
  it.each([
    ['what Go’s handlers and full sets leave', ALL, true],
    ['everything that a kernel lets be blocked', '0xfffffffffffbfeff', true],
    ['nothing', '0x0', false],
    ['all but SIGSEGV', '0xfffffffe7ffbfaff', false],
    ['one signal', '0x4000000', false],
    ['what could not be read', null, false],
  ])('%s', (_title, mask, expected) => {
    expect(blocksAllSignals(mask)).toBe(expected)
  })
})
