import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/diagnosis/diagnose.js'
import { Diagnosis } from '../../../src/diagnosis/schema.js'
import { makeLock, makeProcess, makeThread } from '../../helpers/process.js'
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
