import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/diagnosis/diagnose.js'
import type { Thread } from '../../../src/gdb/types.js'
import { makeLock, makeObservation, makeProcess, makeThread } from '../../helpers/process.js'

/** Debian 11, gdb 10: a handler that allocates over an allocation. */
const MALLOC = `
#0  __lll_lock_wait_private (futex=futex@entry=0x7f651c155b80 <main_arena>) at ./lowlevellock.c:35
#1  0x00007f651c00d01b in __GI___libc_malloc (bytes=50000) at malloc.c:3064
#2  0x000055a0fa286413 in take_sample (sig=27) at modes.cc:22
#3  <signal handler called>
#4  _int_malloc (av=av@entry=0x7f651c155b80 <main_arena>, bytes=bytes@entry=34800) at malloc.c:4116
#5  0x00007f651c00cf89 in __GI___libc_malloc (bytes=34800) at malloc.c:3066
#6  0x000055a0fa286842 in main (argc=<optimized out>) at modes.cc:45`

const ARENA = makeLock({
  address: '0x7f651c155b80',
  symbol: 'main_arena',
  kind: 'malloc arena lock',
  role: 'malloc-arena',
  owner: null,
  count: null,
})
const main = (stack: string, given: Partial<Omit<Thread, 'number' | 'frames'>> = {}): Thread =>
  makeThread({ number: 1, stack, ...given })

describe('malloc in a handler over malloc', () => {
  it('is held, with advice about the handler and not about libgcc', () => {
    const found = diagnose(makeProcess({ threads: [main(MALLOC)], locks: [ARENA] }))
    expect(found).toMatchObject({
      class: 'signal-reentrancy',
      confidence: 'proven',
      culprits: [{ window: 'held', interrupted: { function: '_int_malloc' } }],
    })
    expect(found.headline).toBe(
      "Thread 1 (LWP 9) waits for itself for ever: SIGPROF arrived while it was holding malloc's lock, and the signal handler needs the same lock.",
    )
    expect(found.story.map(({ text }) => text).join(' ')).toContain(
      'The handler called __GI___libc_malloc',
    )
    expect(found.advice.map(({ text }) => text).join(' ')).toContain('async-signal-safe')
    expect(found.advice.map(({ text }) => text).join(' ')).not.toContain('libgcc')
    expect(found.advice[1]?.copy).toContain('SIGPROF')
  })

  it('is held too when the signal came in the function that takes the lock, right after it was taken', () => {
    const taking = MALLOC.replace(/#4.*\n#5/, '#4')
    const found = diagnose(makeProcess({ threads: [main(taking)], locks: [ARENA] }))
    expect(found).toMatchObject({
      class: 'signal-reentrancy',
      culprits: [{ window: 'held', interrupted: { function: '__GI___libc_malloc' } }],
    })
  })

  it('is a hint only while another thread is at work inside malloc: it may hold the lock', () => {
    const rival = makeThread({
      number: 2,
      stack: '#0  _int_free (av=0x7f651c155b80) at malloc.c:1',
    })
    const found = diagnose(makeProcess({ threads: [main(MALLOC), rival], locks: [ARENA] }))
    expect(found).toMatchObject({ class: 'signal-reentrancy', confidence: 'weak' })
  })

  it('is nothing when the interrupted code was elsewhere', () => {
    const elsewhere = MALLOC.replace(/#4.*\n#5.*\n/, '#4  compute () at modes.cc:3\n')
    const runs = makeThread({ number: 2, stack: '#0  compute () at modes.cc:3' })
    const found = diagnose(makeProcess({ threads: [main(elsewhere), runs], locks: [ARENA] }))
    expect(found.class).toBe('lock-wait')
  })
})

describe("a program's own mutex", () => {
  const stack = `
#0  __lll_lock_wait (futex=futex@entry=0x564a709e92c0 <g_a>, private=0) at lowlevellock.c:52
#1  0x00007fb19edff843 in __GI___pthread_mutex_lock (mutex=mutex@entry=0x564a709e92c0 <g_a>) at ../nptl/pthread_mutex_lock.c:80
#2  0x0000564a709e548d in h_mutex (sig=10) at modes.cc:25
#3  <signal handler called>
#4  0x0000564a709e591c in compute (n=3) at modes.cc:48`
  const lock = makeLock({
    address: '0x564a709e92c0',
    symbol: 'g_a',
    kind: 'normal mutex',
    role: null,
  })

  it('is proven by its owner, whatever was interrupted', () => {
    const found = diagnose(makeProcess({ threads: [main(stack)], locks: [{ ...lock, owner: 9 }] }))
    expect(found).toMatchObject({
      class: 'signal-reentrancy',
      confidence: 'proven',
      culprits: [
        { window: 'held', signal: { name: 'SIGUSR1' }, interrupted: { function: 'compute' } },
      ],
    })
    expect(found.headline).toContain('holding the mutex g_a')
  })

  it('is a wait like any other when another thread owns it', () => {
    const other = makeThread({ number: 2, stack: '#0  compute () at modes.cc:3' })
    const threads = [main(stack), other]
    const found = diagnose(makeProcess({ threads, locks: [{ ...lock, owner: 10 }] }))
    expect(found.class).toBe('lock-wait')
  })
})

describe('several threads that look alike', () => {
  const alike = (number: number, stillMs: number, interrupted: string): Thread =>
    makeThread({
      number,
      observed: makeObservation({ tid: number + 8, stillMs }),
      stack: `
#0  __lll_lock_wait (futex=0x7f93e2b73990 <_rtld_global+2352>, private=0) at lowlevellock.c:52
#1  __GI___pthread_mutex_lock (mutex=0x7f93e2b73990 <_rtld_global+2352>) at ../nptl/pthread_mutex_lock.c:115
#2  __GI___dl_iterate_phdr (callback=0x7f93e2943100) at dl-iteratephdr.c:40
#3  _Unwind_Find_FDE () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#4  _Unwind_Backtrace () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#5  on_prof (sig=27) at a.c:2
#6  <signal handler called>
${interrupted}
#9  __GI___pthread_mutex_lock (mutex=0x7f93e2b73990 <_rtld_global+2352>) at ../nptl/pthread_mutex_lock.c:115
#10 __GI___dl_iterate_phdr (callback=0x7f93e2943100) at dl-iteratephdr.c:40
#11 _Unwind_Find_FDE () from /lib/x86_64-linux-gnu/libgcc_s.so.1`,
    })
  const slept = '#7  __lll_lock_wait (futex=0x7f93e2b73990, private=0) at lowlevellock.c:52'

  it('the one that stood still first has the lock', () => {
    const threads = [alike(1, 900, ''), alike(2, 1400, ''), alike(3, 1100, '')]
    const found = diagnose(makeProcess({ threads, locks: [makeLock()] }))
    expect(found.culprits.map(({ thread }) => thread)).toEqual([2])
    expect(found.victims.map(({ thread }) => thread)).toEqual([1, 3])
  })

  it('one that was interrupted while it slept for the lock is a victim', () => {
    const threads = [alike(1, 1400, slept), alike(2, 900, '')]
    const found = diagnose(makeProcess({ threads, locks: [makeLock()] }))
    expect(found.culprits.map(({ thread }) => thread)).toEqual([2])
  })

  it('unless it is the only one: then its sleep had just ended', () => {
    const found = diagnose(makeProcess({ threads: [alike(1, 1400, slept)], locks: [makeLock()] }))
    expect(found.culprits.map(({ thread }) => thread)).toEqual([1])
    expect(found.confidence).toBe('strong')
  })
})

describe('nothing but /proc', () => {
  const observed = makeObservation({
    futex: { address: '0x7f93e2b73990', op: 0, value: 2, timed: false },
    futexFile: '/lib/x86_64-linux-gnu/ld-2.31.so',
    blocked: 'fffffffe7ffbfeff',
  })
  const others = makeThread({ number: 2, stack: '#0  compute () at a.c:1' })
  const seen = (given: Parameters<typeof makeObservation>[0]): ReturnType<typeof diagnose> => {
    const thread = makeThread({ number: 1, stack: '', observed: { ...observed, ...given } })
    return diagnose(makeProcess({ threads: [thread, others] }))
  }

  it('a lock in the loader and every signal blocked are a hint', () => {
    const found = seen({})
    expect(found).toMatchObject({
      class: 'signal-reentrancy',
      failure: 'deadlock',
      confidence: 'weak',
    })
    expect(found.raise).toContain('function names')
  })

  it.each([
    ['no signal is blocked', { blocked: '0000000000000000' }],
    [
      'it waits for an event, as a pool does',
      { futex: { address: '0x7f', op: 9, value: 0, timed: false } },
    ],
    ['the lock lies elsewhere', { futexFile: '[heap]' }],
    ['it has a time limit', { futex: { address: '0x7f', op: 0, value: 2, timed: true } }],
  ])('but not when %s', (_, given) => {
    expect(seen(given).class).not.toBe('signal-reentrancy')
  })
})

it('two threads that each wait for themselves, at different locks, are both culprits', () => {
  const mutex = (number: number, address: string): Thread =>
    makeThread({
      number,
      stack: `
#0  __lll_lock_wait (futex=${address}, private=0) at lowlevellock.c:52
#1  __GI___pthread_mutex_lock (mutex=${address}) at ../nptl/pthread_mutex_lock.c:80
#2  on_signal (sig=10) at a.c:2
#3  <signal handler called>
#4  compute () at a.c:9`,
    })
  const owned = (address: string, owner: number): ReturnType<typeof makeLock> =>
    makeLock({ address, owner, role: null, symbol: null, kind: 'normal mutex' })
  const found = diagnose(
    makeProcess({
      threads: [mutex(1, '0x1000'), mutex(2, '0x2000')],
      locks: [owned('0x1000', 9), owned('0x2000', 10)],
    }),
  )
  expect(found.culprits.map(({ thread }) => thread)).toEqual([1, 2])
  expect(found.headline).toMatch(/^Thread 1 \(LWP 9\) waits for itself/)
})
