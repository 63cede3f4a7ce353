import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/diagnosis/diagnose.js'
import type { Lock, Thread } from '../../../src/gdb/types.js'
import { makeLock, makeProcess, makeThread } from '../../helpers/process.js'

const A = '0x55990630c0'
const B = '0x5599063100'

/** `g_a` at A, as a plain mutex held by the given LWP. */
function mutex(
  address: string,
  symbol: string,
  owner: number | null,
  given: Partial<Lock> = {},
): Lock {
  return makeLock({
    ...{
      address,
      symbol,
      owner,
      count: 0,
      users: 1,
      kind: 'normal mutex',
      role: null,
      library: null,
    },
    ...given,
  })
}

function waits(
  number: number,
  address: string,
  caller: string,
  given: Partial<Omit<Thread, 'number' | 'frames'>> = {},
): Thread {
  return makeThread({
    number,
    stack: `
#0  __lll_lock_wait (futex=futex@entry=${address}, private=0) at lowlevellock.c:52
#1  0x00007f83d5fa0843 in __GI___pthread_mutex_lock (mutex=mutex@entry=${address}) at ../nptl/pthread_mutex_lock.c:80
#2  0x000056352c94452b in ${caller} () at modes.cc:27
#3  0x00007f83d5f9dea7 in start_thread (arg=<optimized out>) at pthread_create.c:477`,
    ...given,
  })
}

function joins(number: number, pthread: string, caller = 'main'): Thread {
  return makeThread({
    number,
    stack: `
#0  __pthread_clockjoin_ex (threadid=${BigInt(pthread).toString()}, thread_return=0x0, clockid=0, abstime=0x0, block=true) at pthread_join_common.c:145
#1  0x00007f83d5f9f1ff in __pthread_join (threadid=<optimized out>, thread_return=0x0) at pthread_join.c:24
#2  0x000056352c94499b in ${caller} () at modes.cc:50`,
  })
}

const SLEEPS = `
#0  0x00007f24e4624241 in __GI___clock_nanosleep (clock_id=0, flags=0, req=0x7f24e4417eb0, rem=0x7f24e4417eb0) at clock_nanosleep.c:48
#1  0x00007f24e462995a in __sleep (seconds=0) at ../sysdeps/posix/sleep.c:55
#2  0x000055997905f5fb in hold_slow () at modes.cc:31`
const RUNS = '#0  0x000056004406c458 in hold_busy () at modes.cc:32'

describe('self-deadlock', () => {
  it('a normal mutex taken twice is proven by its owner', () => {
    const found = diagnose(
      makeProcess({ threads: [waits(1, A, 'main')], locks: [mutex(A, 'g_a', 9)] }),
    )
    expect(found).toMatchObject({
      class: 'self-deadlock',
      failure: 'deadlock',
      confidence: 'proven',
      culprits: [{ thread: 1, signal: null, window: 'held' }],
    })
    expect(found.headline).toBe(
      'Thread 1 (LWP 9) waits for itself for ever: it already holds the mutex g_a and asks for it again in main.',
    )
  })

  it('malloc entered again from its own hook is strong', () => {
    const stack = `
#0  __lll_lock_wait_private (futex=0x7f651c155b80 <main_arena>) at ./lowlevellock.c:35
#1  0x00007f651c00d01b in __GI___libc_malloc (bytes=50) at malloc.c:3064
#2  0x000055a0fa286413 in trace () at hook.c:22
#3  0x00007f651c00d01c in sysmalloc (nb=48, av=0x7f651c155b80 <main_arena>) at malloc.c:2370
#4  0x00007f651c00cf89 in _int_malloc (av=0x7f651c155b80 <main_arena>, bytes=34800) at malloc.c:4141`
    const found = diagnose(makeProcess({ threads: [makeThread({ number: 1, stack })] }))
    expect(found).toMatchObject({ class: 'self-deadlock', confidence: 'strong' })
  })

  it('is not said of a mutex that another thread owns', () => {
    const found = diagnose(
      makeProcess({
        threads: [waits(1, A, 'main'), makeThread({ number: 2, stack: SLEEPS })],
        locks: [mutex(A, 'g_a', 10)],
      }),
    )
    expect(found.class).toBe('lock-wait')
  })
})

describe('lock-cycle', () => {
  it('two mutexes in opposite order are proven, and those behind them are victims', () => {
    const found = diagnose(
      makeProcess({
        threads: [
          joins(1, '0x7f0002'),
          waits(2, B, 'lock_ab', { pthread: '0x7f0002' }),
          waits(3, A, 'lock_ba'),
        ],
        locks: [mutex(A, 'g_a', 10), mutex(B, 'g_b', 11)],
      }),
    )
    expect(found).toMatchObject({ class: 'lock-cycle', failure: 'deadlock', confidence: 'proven' })
    expect(found.culprits.map(({ thread }) => thread)).toEqual([2, 3])
    expect(found.victims.map(({ thread }) => thread)).toEqual([1])
    expect(found.headline).toBe(
      'Thread 2 (LWP 10) and thread 3 (LWP 11) wait for each other for ever: thread 2 (LWP 10) waits for the mutex g_b, thread 3 (LWP 11) waits for the mutex g_a.',
    )
    expect(found.graph.edges.filter(({ kind }) => kind === 'holds')).toHaveLength(2)
  })

  it('a join is an edge like any other', () => {
    const found = diagnose(
      makeProcess({
        threads: [joins(1, '0x7f0002'), waits(2, A, 'work', { pthread: '0x7f0002' })],
        locks: [mutex(A, 'g_a', 9)],
      }),
    )
    expect(found).toMatchObject({ class: 'lock-cycle', confidence: 'proven' })
    expect(found.headline).toContain('waits for the end of thread 2 (LWP 10)')
    expect(found.advice[0]?.copy).toContain('join')
  })

  it('finds a circle of a thousand threads', () => {
    const size = 1000
    const address = (index: number): string => `0x${(0x10000 + (index % size) * 0x40).toString(16)}`
    const threads = Array.from({ length: size }, (_, index) =>
      waits(index + 1, address(index + 1), 'work'),
    )
    const locks = threads.map((thread, index) =>
      mutex(address(index), `g_${index}`, thread.lwp ?? 0),
    )
    const found = diagnose(makeProcess({ threads, locks }))
    expect(found.class).toBe('lock-cycle')
    expect(found.culprits).toHaveLength(size)
    expect(found.headline.length).toBeLessThan(500)
  })

  it('a chain without a circle is not one', () => {
    const found = diagnose(
      makeProcess({
        threads: [waits(1, A, 'one'), waits(2, B, 'two'), makeThread({ number: 3, stack: SLEEPS })],
        locks: [mutex(A, 'g_a', 10), mutex(B, 'g_b', 11)],
      }),
    )
    expect(found).toMatchObject({ class: 'lock-wait', failure: 'unknown' })
  })

  it('a join with a time limit breaks the circle too, and makes no victim', () => {
    const wait = { kind: 'join', address: null, timed: true, evidence: 'futex' } as const
    const timedJoin = (number: number, lwp: number): Thread => ({
      ...joins(number, '0x7f0002'),
      wait: { ...wait, lwp },
    })
    const runs = makeThread({ number: 9, stack: RUNS })
    const broken = diagnose(
      makeProcess({
        threads: [timedJoin(1, 10), waits(2, A, 'work', { pthread: '0x7f0002' }), runs],
        locks: [mutex(A, 'g_a', 9)],
      }),
    )
    expect(broken.failure).not.toBe('deadlock')
    const locks = [mutex(A, 'g_a', 10), mutex(B, 'g_b', 11)]
    const threads = [timedJoin(1, 10), waits(2, B, 'lock_ab'), waits(3, A, 'lock_ba')]
    expect(diagnose(makeProcess({ threads, locks })).victims).toEqual([])
  })

  it('a wait with a time limit breaks the circle', () => {
    const timed = {
      wait: { kind: 'mutex', address: B, timed: true, lwp: null, evidence: 'futex' },
    } as const
    const found = diagnose(
      makeProcess({
        threads: [waits(2, B, 'lock_ab', timed), waits(3, A, 'lock_ba')],
        locks: [mutex(A, 'g_a', 10), mutex(B, 'g_b', 11)],
      }),
    )
    expect(found.failure).not.toBe('deadlock')
  })
})

describe('orphaned-lock', () => {
  const threads = [waits(1, A, 'main'), waits(3, A, 'work')]

  it('is proven when the owner is none of the threads, but could have been', () => {
    const found = diagnose(makeProcess({ threads, locks: [mutex(A, 'g_a', 10)] }))
    expect(found).toMatchObject({
      class: 'orphaned-lock',
      failure: 'deadlock',
      confidence: 'proven',
      culprits: [],
    })
    expect(found.victims).toHaveLength(2)
  })

  it('is not said of an owner below all thread ids: another pid namespace, or before a fork', () => {
    const far = threads.map((thread) => ({ ...thread, lwp: (thread.lwp ?? 0) + 25_000 }))
    const found = diagnose(makeProcess({ threads: far, locks: [mutex(A, 'g_a', 10)] }))
    expect(found.class).not.toBe('orphaned-lock')
    expect(found.confidence).toBe('weak')
  })
})

describe('fork-inherited', () => {
  const child = makeProcess({
    pid: 4098,
    threads: [waits(1, A, 'main', { lwp: 4098 })],
    locks: [mutex(A, 'g_a', 4097)],
  })

  it('is strong for an only thread with an owner just below it', () => {
    expect(diagnose(child)).toMatchObject({ class: 'fork-inherited', confidence: 'strong' })
  })

  it("is proven with the parent's threads", () => {
    const found = diagnose(child, { parentLwps: [4096, 4097] })
    expect(found).toMatchObject({ class: 'fork-inherited', confidence: 'proven' })
  })

  it('is only a hint when the owner is far away', () => {
    const found = diagnose({ ...child, locks: [mutex(A, 'g_a', 13)] })
    expect(found).toMatchObject({ class: 'fork-inherited', confidence: 'weak' })
    expect(found.raise).toContain('13')
  })
})

describe('lock-wait', () => {
  it.each([
    ['asleep', SLEEPS, 'is waiting itself'],
    ['running', RUNS, 'is running'],
  ])('an owner that is %s may still give the lock back', (_, stack, words) => {
    const found = diagnose(
      makeProcess({
        threads: [waits(1, A, 'main'), makeThread({ number: 2, stack })],
        locks: [mutex(A, 'g_a', 10)],
      }),
    )
    expect(found).toMatchObject({ class: 'lock-wait', failure: 'unknown', confidence: 'strong' })
    expect(found.headline).toContain(words)
  })

  it('is weak without an owner', () => {
    const threads = [waits(1, A, 'main'), makeThread({ number: 2, stack: RUNS })]
    const found = diagnose(makeProcess({ threads }))
    expect(found).toMatchObject({ class: 'lock-wait', confidence: 'weak' })
  })
})
