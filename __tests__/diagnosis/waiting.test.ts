import { describe, expect, it } from 'vitest'
import { type Waiting, waitingOf } from '../../src/diagnosis/waiting.js'
import { makeThread } from '../helpers/process.js'

function waitOf(stack: string): Waiting | null {
  return waitingOf(makeThread({ number: 1, stack }), new Map())
}

describe('what a thread waits for, by its frames', () => {
  it.each<[string, Waiting['kind'], string]>([
    [
      'glibc 2.28',
      'mutex',
      '__lll_lock_wait () at lowlevellock.S:135\n__GI___pthread_mutex_lock (mutex=0x7f00) at m.c:115',
    ],
    [
      'glibc 2.34 and later',
      'mutex',
      'futex_wait (private=0) at f.h:146 [inlined]\n__GI___lll_lock_wait (futex=0x7f00)\nlll_mutex_lock_optimized (mutex=0x7f00) [inlined]\n___pthread_mutex_lock (mutex=0x7f00) at m.c:93',
    ],
    [
      'priority inheritance',
      'mutex',
      '__futex_lock_pi64 (futex_word=0x7f00)\n__pthread_mutex_lock_full (mutex=0x7f00)',
    ],
    [
      'a stripped libc',
      'mutex',
      '?? () from /lib/libc.so.6\npthread_mutex_lock () from /lib/libc.so.6',
    ],
    [
      'a rwlock',
      'rwlock-write',
      'futex_abstimed_wait (abstime=0x0, futex_word=0x7f08)\n__pthread_rwlock_wrlock_full (abstime=0x0, rwlock=0x7f00)\n__GI___pthread_rwlock_wrlock (rwlock=0x7f00)',
    ],
    [
      'a condition variable',
      'condvar',
      'futex_wait_cancelable (futex_word=0x7f28)\n__pthread_cond_wait_common (abstime=0x0, mutex=0x1, cond=0x7f00)\n__pthread_cond_wait (cond=0x7f00)',
    ],
    [
      'a semaphore',
      'semaphore',
      'futex_abstimed_wait_cancelable (abstime=0x0)\ndo_futex_wait (sem=0x7f00)\n__new_sem_wait_slow (sem=0x7f00)\n__new_sem_wait (sem=0x7f00)',
    ],
    [
      'a join',
      'join',
      '__pthread_clockjoin_ex (threadid=32512, abstime=0x0)\n__pthread_join (threadid=32512)',
    ],
    ['the Go scheduler', 'go-runtime', 'runtime.futex.abi0 ()\nruntime.futexsleep (addr=0xc0)'],
    [
      'epoll in Go',
      'go-runtime',
      'internal/runtime/syscall.Syscall6 ()\ninternal/runtime/syscall.EpollWait ()',
    ],
    ['musl', 'low-level-lock', '__lock (l=0x7f00) at __lock.c:52\nmalloc (n=8) at malloc.c:300'],
  ])('%s', (_, kind, stack) => {
    expect(waitOf(stack)).toMatchObject({ kind, timed: false })
  })

  it('a condition variable that takes its mutex again waits for the mutex', () => {
    const stack =
      '__lll_lock_wait (futex=0x7f00)\n__pthread_mutex_cond_lock (mutex=0x7f00)\n__pthread_cond_wait_common (cond=0x1)'
    expect(waitOf(stack)).toMatchObject({ kind: 'mutex', address: '0x7f00' })
  })

  it('knows a time limit', () => {
    expect(waitOf('futex_abstimed_wait ()\npthread_cond_timedwait ()')).toMatchObject({
      timed: true,
    })
    expect(waitOf('__lll_lock_wait ()\npthread_mutex_timedlock (abstime=0x7ffd)')).toMatchObject({
      timed: true,
    })
  })

  it('tells whose lock it is', () => {
    const malloc =
      '__lll_lock_wait_private (futex=0x7f00 <main_arena>)\n__GI___libc_malloc (bytes=8)'
    expect(waitOf(malloc)?.subsystem?.id).toBe('malloc-arena')
    const loader =
      '__lll_lock_wait ()\n__GI___pthread_mutex_lock (mutex=0x7f00)\n_dl_open (file=0x1)'
    expect(waitOf(loader)?.subsystem?.id).toBe('loader-load-lock')
  })

  it('says nothing of a thread that runs', () => {
    expect(waitOf('___pthread_mutex_lock (mutex=0x7f00) at m.c:80\nwork ()')).toBeNull()
    expect(waitOf('compute ()\n__lll_lock_wait ()')).toBeNull()
    expect(waitOf('?? ()')).toBeNull()
  })
})
