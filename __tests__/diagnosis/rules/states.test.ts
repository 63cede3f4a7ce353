import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/diagnosis/diagnose.js'
import { makeObservation, makeProcess, makeThread } from '../../helpers/process.js'
import { GO_IDLE } from '../../helpers/stacks.js'

const POOL = `
#0  futex_wait_cancelable (private=0, expected=0, futex_word=0x55ec7643a1e8 <q_cv+40>) at ../sysdeps/nptl/futex-internal.h:186
#1  __pthread_cond_wait_common (abstime=0x0, clockid=0, mutex=0x55ec7643a200 <q_mutex>, cond=0x55ec7643a1c0 <q_cv>) at pthread_cond_wait.c:508
#2  __pthread_cond_wait (cond=0x55ec7643a1c0 <q_cv>, mutex=0x55ec7643a200 <q_mutex>) at pthread_cond_wait.c:638
#3  0x00007f32521a690c in std::condition_variable::wait(std::unique_lock<std::mutex>&) () from /usr/lib/x86_64-linux-gnu/libstdc++.so.6
#5  pool () at modes.cc:39`
const POLLS = `
#0  0x00007f3251fdea0f in __GI___poll (fds=fds@entry=0x0, nfds=nfds@entry=0, timeout=timeout@entry=-1) at poll.c:29
#1  0x000055ec76436cc0 in main () at modes.cc:59`
const RUNS = '#0  0x000056004406c458 in compute () at modes.cc:32'

/** Every signal blocked, on a futex: how a pool of a library that wants no signals looks from outside. */
const blocking = makeObservation({
  blocked: 'fffffffe7ffbfeff',
  futex: { address: '0x55ec7643a1e8', op: 9, value: 0, timed: false },
})

describe('idle', () => {
  it('a pool of workers that block all signals and wait for work is idle', () => {
    const found = diagnose(
      makeProcess({
        threads: [
          makeThread({ number: 1, stack: POLLS }),
          ...[2, 3, 4].map((number) => makeThread({ number, stack: POOL, observed: blocking })),
          makeThread({ number: 5, stack: GO_IDLE }),
        ],
      }),
    )
    expect(found).toMatchObject({ class: 'idle', failure: 'none', confidence: 'strong' })
    expect(found.headline).toBe(
      'Nothing is stuck: all 5 threads wait for work (3 on a condition variable, 1 in poll or epoll, 1 in the Go scheduler).',
    )
  })
})

describe('busy', () => {
  it('running threads are at work', () => {
    const found = diagnose(
      makeProcess({
        threads: [
          makeThread({ number: 1, stack: POLLS }),
          makeThread({
            number: 2,
            stack: RUNS,
            observed: makeObservation({ state: 'R', cpuShare: 0.97, stillMs: 0 }),
          }),
        ],
      }),
    )
    expect(found).toMatchObject({ class: 'busy', failure: 'none', confidence: 'strong' })
    expect(found.headline).toContain('runs in compute (97 % of a core)')
  })

  it('names a thread that spins without progress, and does not call it a deadlock', () => {
    const suspicion = { kind: 'spinning', pid: 9, tids: [10], atMs: 4000, sinceMs: 1000 } as const
    const found = diagnose(makeProcess({ threads: [makeThread({ number: 2, stack: RUNS })] }), {
      suspicion,
    })
    expect(found).toMatchObject({ class: 'busy', failure: 'unknown', culprits: [{ thread: 2 }] })
  })

  it('a thread inside pthread_mutex_lock that does not sleep is running', () => {
    const stack = `
#0  ___pthread_mutex_lock (mutex=0x404040 <g_a>) at ./nptl/pthread_mutex_lock.c:80
#1  work () at modes.cc:3`
    const found = diagnose(makeProcess({ threads: [makeThread({ number: 1, stack })] }))
    expect(found.class).toBe('busy')
  })
})

describe('unknown', () => {
  it('says so for an empty dump and for one without names', () => {
    expect(diagnose(makeProcess()).headline).toContain('no threads')
    const stack = '#0  0x00007f in ?? ()'
    const waiting = makeThread({
      number: 1,
      stack,
      wait: { kind: 'unknown', address: '0x7f', timed: false, lwp: null, evidence: 'futex' },
    })
    const found = diagnose(makeProcess({ threads: [waiting] }))
    expect(found).toMatchObject({ class: 'unknown', failure: 'unknown', confidence: 'weak' })
    expect(found.raise).toContain('function names')
  })
})
