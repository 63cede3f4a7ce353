import { describe, expect, it } from 'vitest'
import { parseFrame } from '../../src/gdb/frame.js'
import { decodeWait, type DecodedWait } from '../../src/gdb/wait.js'

const WORD = '0x7f0000001008'

interface Given {
  readonly frames: readonly string[]
  readonly call?: {
    number?: number
    operation?: string
    value?: string
    timeout?: string
    word?: string
  }
  readonly architecture?: string
  readonly libcMinor?: number | null
}

function decode(given: Given): DecodedWait | null {
  const {
    number = 202,
    operation = '0x80',
    value = '0x2',
    timeout = '0x0',
    word = WORD,
  } = given.call ?? {}
  return decodeWait({
    frames: given.frames.map((text, level) => parseFrame(`#${level}  ${text}`)!),
    syscall: { number, arguments: [word, operation, value, timeout] },
    architecture: given.architecture ?? 'i386:x86-64',
    libcMinor: given.libcMinor === undefined ? 31 : given.libcMinor,
  })
}

const LIBC = ' () from /lib/x86_64-linux-gnu/libc.so.6'

describe('decodeWait with a futex system call', () => {
  it.each([
    ['mutex', ['0x1 in __lll_lock_wait ()', '0x2 in pthread_mutex_lock ()', '0x3 in f ()'], WORD],
    [
      'loader',
      ['0x1 in __lll_lock_wait ()', '0x2 in pthread_mutex_lock ()', '0x3 in dl_iterate_phdr ()'],
      WORD,
    ],
    [
      'loader',
      [
        '0x1 in __lll_lock_wait ()',
        '0x2 in pthread_mutex_lock ()',
        '0x3 in ?? () from /lib64/ld-linux-x86-64.so.2',
      ],
      WORD,
    ],
    [
      'malloc-arena',
      ['0x1 in __lll_lock_wait_private ()', `0x2 in ??${LIBC}`, '0x3 in malloc ()'],
      WORD,
    ],
    ['malloc-arena', [`0x1 in ??${LIBC}`, `0x2 in ??${LIBC}`, '0x3 in malloc ()'], WORD],
    ['stdio', ['0x1 in __lll_lock_wait_private ()', '0x2 in fwrite ()'], WORD],
    ['low-level-lock', ['0x1 in __lll_lock_wait_private ()', '0x2 in __tz_convert ()'], WORD],
    [
      'semaphore',
      ['0x1 in do_futex_wait.constprop.1 ()', '0x2 in __new_sem_wait_slow.constprop.0 ()'],
      WORD,
    ],
    ['barrier', ['0x1 in pthread_barrier_wait ()'], WORD],
    ['once', ['0x1 in syscall ()', '0x2 in __cxa_guard_acquire ()'], WORD],
    ['go-runtime', ['0x1 in runtime.futex.abi0 ()', '0x2 in runtime.futexsleep ()'], WORD],
    ['unknown', ['0x1 in syscall ()', '0x2 in my_lock ()'], WORD],
  ])('tells %s from %j', (kind, frames, address) => {
    expect(decode({ frames })?.wait).toMatchObject({ kind, address, timed: false, lwp: null })
  })

  it.each([
    [
      'a condition variable up to glibc 2.40',
      'pthread_cond_wait@@GLIBC_2.3.2',
      40,
      '0x7f0000001028',
      '0x7f0000001000',
    ],
    ['its second word', 'pthread_cond_wait@@GLIBC_2.3.2', 40, '0x7f000000102c', '0x7f0000001000'],
    [
      'a condition variable since 2.41',
      '___pthread_cond_wait',
      41,
      '0x7f0000001020',
      '0x7f0000001000',
    ],
    [
      'a rwlock wanted for writing, phase',
      'pthread_rwlock_wrlock',
      31,
      '0x7f0000001008',
      '0x7f0000001000',
    ],
    [
      'a rwlock wanted for writing, writers',
      'pthread_rwlock_wrlock',
      31,
      '0x7f000000100c',
      '0x7f0000001000',
    ],
    [
      'a rwlock wanted for reading',
      'pthread_rwlock_rdlock',
      31,
      '0x7f0000001008',
      '0x7f0000001000',
    ],
    ["a barrier's round", 'pthread_barrier_wait', 31, '0x7f0000001004', '0x7f0000001000'],
  ])('finds the object around the word of %s', (_name, frame, libcMinor, word, address) => {
    expect(
      decode({ frames: [`0x1 in ${frame} ()`], libcMinor, call: { word } })?.wait.address,
    ).toBe(address)
  })

  it('says that it guesses where the C library is not known', () => {
    const frames = ['0x1 in pthread_cond_wait ()']
    expect(decode({ frames, libcMinor: null })?.guessed).toBe(true)
    expect(decode({ frames, libcMinor: 31 })?.guessed).toBe(false)
  })

  it('believes debug information before it infers', () => {
    const frames = [
      'futex_wait (futex_word=0x7f000000100c) at f.h:1',
      '0x2 in ___pthread_rwlock_wrlock (rwlock=0x7f0000009990) at r.c:1',
    ]
    expect(decode({ frames })).toMatchObject({
      guessed: false,
      wait: { kind: 'rwlock-write', address: '0x7f0000009990' },
    })
  })

  it('names the thread that is joined: the word holds its id', () => {
    const wait = decode({
      frames: ['0x1 in __pthread_clockjoin_ex ()'],
      call: { value: '0x2a', operation: '0x109' },
    })
    expect(wait?.wait).toMatchObject({ kind: 'join', lwp: 42 })
  })

  it('knows a wait with a time limit, and one with none in Go', () => {
    expect(decode({ frames: ['0x1 in f ()'], call: { timeout: '0x7ffe0' } })?.wait.timed).toBe(true)
    expect(decode({ frames: ['0x1 in runtime.futex ()'] })?.wait.timed).toBe(false)
  })

  it('does not look beyond a signal frame', () => {
    const frames = [
      '0x1 in syscall ()',
      '0x2 in handler ()',
      '<signal handler called>',
      '0x3 in pthread_mutex_lock ()',
    ]
    expect(decode({ frames })?.wait.kind).toBe('unknown')
  })

  it('is no wait to wake others', () => {
    expect(decode({ frames: ['0x1 in f ()'], call: { operation: '0x81' } })).toBeNull()
  })
})

describe('decodeWait with other system calls', () => {
  it.each([
    [7, '0xffffffff', 'poll', false],
    [7, '0x64', 'poll', true],
    [0, '0x1', 'io', false],
    [230, '0x0', 'sleep', true],
    [34, '0x0', 'unknown', false],
  ])('tells number %i', (number, value, kind, timed) => {
    expect(decode({ frames: ['0x1 in f ()'], call: { number, value } })?.wait).toMatchObject({
      kind,
      timed,
    })
  })

  it('knows ARM by its own numbers', () => {
    const wait = decode({ frames: ['0x1 in f ()'], architecture: 'aarch64', call: { number: 63 } })
    expect(wait?.wait.evidence).toBe('read system call')
  })

  it('sees through a call that was restarted after an earlier dump', () => {
    expect(
      decode({ frames: ['0x1 in clock_nanosleep ()'], call: { number: 219 } })?.wait,
    ).toMatchObject({ kind: 'sleep', timed: true })
    expect(
      decode({ frames: ['0x1 in sem_timedwait ()'], call: { number: 219, timeout: '0x7ff' } })
        ?.wait,
    ).toMatchObject({ kind: 'semaphore', address: WORD, timed: true })
  })

  it('has none for a thread that runs', () => {
    expect(
      decodeWait({
        frames: [parseFrame('#0  0x1 in poll ()')!],
        syscall: 'none',
        architecture: 'i386:x86-64',
        libcMinor: 31,
      }),
    ).toBeNull()
  })
})

describe('decodeWait by frames alone', () => {
  function byFrames(...frames: string[]): DecodedWait | null {
    return decodeWait({
      frames: frames.map((text, level) => parseFrame(`#${level}  ${text}`)!),
      syscall: null,
      architecture: null,
      libcMinor: null,
    })
  }

  it('takes a thread inside the wait primitives to wait', () => {
    expect(byFrames('0x1 in __lll_lock_wait ()', '0x2 in pthread_mutex_lock ()')?.wait.kind).toBe(
      'mutex',
    )
    expect(byFrames('0x1 in ?? ()', '0x2 in pthread_mutex_lock ()')?.wait.kind).toBe('mutex')
  })

  it('takes a thread that is taking or releasing a lock to run', () => {
    expect(byFrames('0x1 in pthread_mutex_lock ()', '0x2 in f ()')).toBeNull()
    expect(byFrames('0x1 in __lll_lock_wake ()', '0x2 in pthread_mutex_unlock ()')).toBeNull()
    expect(byFrames('0x1 in compute ()')).toBeNull()
  })

  it('reads a time limit from the arguments or from the name', () => {
    const frame = (limit: string): string =>
      `0x1 in __futex_abstimed_wait_common64 (abstime=${limit}, futex_word=0x7f1)`
    expect(byFrames(frame('0x0'), '0x2 in sem_wait (sem=0x7f1)')?.wait.timed).toBe(false)
    expect(byFrames(frame('0x7ffe10'), '0x2 in sem_wait (sem=0x7f1)')?.wait.timed).toBe(true)
    expect(byFrames('0x1 in pthread_cond_timedwait@@GLIBC_2.3.2 ()')?.wait.timed).toBe(true)
  })
})
