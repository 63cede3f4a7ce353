import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/diagnosis/diagnose.js'
import { Diagnosis } from '../../../src/diagnosis/schema.js'
import { LOADER_LOCK, makeLock, makeProcess, makeThread } from '../../helpers/process.js'
import {
  GO_IDLE,
  HANDLER_OVER_WRITE,
  LOCK_WINDOW,
  SYMBOLIZES,
  UNLOCK_WINDOW,
} from '../../helpers/stacks.js'

const idle = [1, 2, 3].map((number) => makeThread({ number, stack: GO_IDLE }))

describe('the dump of the original report', () => {
  const found = diagnose(
    makeProcess({
      threads: [
        ...idle,
        makeThread({ number: 4, stack: SYMBOLIZES }),
        makeThread({ number: 5, stack: LOCK_WINDOW }),
      ],
      locks: [makeLock()],
    }),
  )

  it('names thread 5, the signal, the window and the lock, proven', () => {
    expect(found).toMatchObject({
      class: 'signal-reentrancy',
      failure: 'deadlock',
      confidence: 'proven',
      culprits: [
        {
          thread: 5,
          lwp: 13,
          signal: { number: 27, name: 'SIGPROF' },
          interrupted: { level: 10, function: '__GI___pthread_mutex_lock' },
          waiting: { level: 1, function: '__GI___pthread_mutex_lock' },
          window: 'lock',
        },
      ],
      lock: { role: 'loader-write-lock', word: 2, owner: 0, count: 0 },
    })
    expect(found.headline).toBe(
      "Thread 5 (LWP 13) waits for itself for ever: SIGPROF arrived while it was taking the loader's lock to unwind a C++ exception, and the signal handler's own unwind needs the same lock.",
    )
  })

  it('calls thread 4 a victim, and the idle threads nothing', () => {
    expect(found.victims.map(({ thread }) => thread)).toEqual([4])
    expect(found.graph.nodes.map(({ id, role }) => [id, role])).toEqual([
      ['t12', 'victim'],
      ['t13', 'culprit'],
      ['l0x7f93e2b73990', 'lock'],
    ])
    expect(found.graph.edges.map(({ from, kind }) => [from, kind])).toEqual([
      ['t12', 'waits'],
      ['t13', 'waits'],
      ['t13', 'interrupted-while-taking'],
    ])
  })

  it('tells a story of at most six sentences, each with what it rests on, and fits the schema', () => {
    expect(Diagnosis.parse(found)).toEqual(found)
    expect(found.story.length).toBeLessThanOrEqual(6)
    for (const { rests } of found.story) expect(rests).not.toBe('')
    expect(found.story.map(({ text }) => text).join(' ')).toMatch(
      /thread 4 \(LWP 12\) is stuck behind it: a victim/i,
    )
  })
})

describe('the unlock window', () => {
  it('is told apart, and a second thread in a handler over other code is its victim', () => {
    const found = diagnose(
      makeProcess({
        threads: [
          makeThread({ number: 1, stack: HANDLER_OVER_WRITE }),
          makeThread({ number: 2, stack: UNLOCK_WINDOW }),
        ],
        locks: [makeLock()],
      }),
    )
    expect(found.culprits).toMatchObject([{ thread: 2, window: 'unlock' }])
    expect(found.victims).toMatchObject([{ thread: 1 }])
    expect(found.headline).toContain(
      "giving back the loader's lock, unwinding a C++ exception, and",
    )
  })
})

/** As in a stripped glibc 2.36: the taking function has its name, the one that gives back has none. */
const STRIPPED_UNLOCK = `
#0  0x00007fc80d1bf12b in ?? () from /lib/x86_64-linux-gnu/libc.so.6
#1  0x00007fc80d1c54da in pthread_mutex_lock () from /lib/x86_64-linux-gnu/libc.so.6
#2  0x00007fc80d2883eb in dl_iterate_phdr () from /lib/x86_64-linux-gnu/libc.so.6
#3  0x0000000000512241 in _Unwind_Find_FDE ()
#4  0x000000000051019c in _Unwind_Backtrace ()
#5  0x00000000004f912c in cgoTraceback (parg=0x1b92c59ad430) at traceback.c:82
#6  0x00000000004f96d6 in x_cgo_callers (sig=27, info=0x1b92c59ad5b0, context=0x1b92c59ad480) at gcc_traceback.c:42
#7  <signal handler called>
#8  0x00007fc80d1c6c79 in ?? () from /lib/x86_64-linux-gnu/libc.so.6
#9  0x00007fc80d288554 in dl_iterate_phdr () from /lib/x86_64-linux-gnu/libc.so.6
#10 0x0000000000512241 in _Unwind_Find_FDE ()
#11 0x000000000050f8f9 in _Unwind_RaiseException ()
#12 0x00000000004fae4c in __cxa_throw ()`

describe('the unlock window in a libc without its inner names', () => {
  const diagnoseStripped = (users: number, stack: string): ReturnType<typeof diagnose> => {
    const wait = {
      kind: 'mutex',
      address: LOADER_LOCK,
      timed: false,
      lwp: null,
      evidence: 'futex system call, rdi',
    } as const
    return diagnose(
      makeProcess({
        threads: [{ ...makeThread({ number: 1, stack }), wait }],
        locks: [makeLock({ word: 2, owner: 0, count: 0, users })],
      }),
    )
  }

  it('is told by the name that the taking function has there, when the fields do not tell', () => {
    const found = diagnoseStripped(0, STRIPPED_UNLOCK)
    expect(found.culprits).toMatchObject([{ thread: 1, window: 'unlock' }])
    expect(found.confidence).toBe('proven')
  })

  it('is not guessed where the taking function has no name either', () => {
    const nameless = STRIPPED_UNLOCK.replace('in pthread_mutex_lock', 'in ??')
    expect(diagnoseStripped(0, nameless).culprits[0]?.window ?? null).toBe(null)
  })
})

describe('the nearest cases that are not a thread waiting for itself', () => {
  it('a handler waits for a lock that the interrupted code never touched', () => {
    const found = diagnose(
      makeProcess({ threads: [makeThread({ number: 1, stack: HANDLER_OVER_WRITE })] }),
    )
    expect(found.class).not.toBe('signal-reentrancy')
  })

  it('another living thread owns the lock', () => {
    const found = diagnose(
      makeProcess({
        threads: [...idle, makeThread({ number: 5, stack: LOCK_WINDOW })],
        locks: [makeLock({ owner: 10, count: 1 })],
      }),
    )
    expect(found.class).not.toBe('signal-reentrancy')
  })

  it('handler and interrupted code use two different locks', () => {
    const other = LOCK_WINDOW.replace(
      '#10 0x00007f93e29558b1 in __GI___pthread_mutex_lock (mutex=0x7f93e2b73990 <_rtld_global+2352>)',
      '#10 0x00007f93e29558b1 in __GI___pthread_mutex_lock (mutex=0x4c2000 <g_mutex>)',
    )
    expect(other).not.toBe(LOCK_WINDOW)
    const found = diagnose(makeProcess({ threads: [makeThread({ number: 5, stack: other })] }))
    expect(found.class).not.toBe('signal-reentrancy')
  })
})

describe('less to go on', () => {
  it('is strong, not proven, without the decoded lock, and says what would prove it', () => {
    const found = diagnose(
      makeProcess({ threads: [makeThread({ number: 5, stack: LOCK_WINDOW })] }),
    )
    expect(found).toMatchObject({ class: 'signal-reentrancy', confidence: 'strong' })
    expect(found.raise).toContain('word, owner and count')
    expect(found.lock).toMatchObject({ address: '0x7f93e2b73990', word: null })
  })

  it('says unknown signal where the dump does not tell', () => {
    const stack = LOCK_WINDOW.replace('sig=27, ', '')
    const found = diagnose(makeProcess({ threads: [makeThread({ number: 5, stack })] }))
    expect(found.culprits[0]?.signal).toEqual({ number: null, name: 'unknown signal' })
    expect(found.headline).toContain('a signal arrived')
  })
})
