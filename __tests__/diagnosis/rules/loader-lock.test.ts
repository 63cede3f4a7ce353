import { expect, it } from 'vitest'
import { diagnose } from '../../../src/diagnosis/diagnose.js'
import { makeLock, makeProcess, makeThread } from '../../helpers/process.js'

/** Debian 11: dlopen → constructor → pthread_join. */
const CONSTRUCTOR = `
#0  __pthread_clockjoin_ex (threadid=139978359224064, thread_return=0x0, clockid=<optimized out>, abstime=<optimized out>, block=<optimized out>) at pthread_join_common.c:145
#1  0x00007f4f4060d17f in init() () from ./ctor.so
#2  0x00007f4f4135bfe2 in call_init (l=<optimized out>, argc=argc@entry=2) at dl-init.c:72
#4  _dl_init (main_map=0x559f12589040, argc=2) at dl-init.c:119
#6  0x00007f4f41360058 in dl_open_worker (a=a@entry=0x7ffc3df247e0) at dl-open.c:758
#8  0x00007f4f4135f8fa in _dl_open (file=0x559f099e5089 "./ctor.so") at dl-open.c:837
#13 0x00007f4f413172e4 in __dlopen (file=<optimized out>, mode=<optimized out>) at dlopen.c:87`

const OPENS = `
#0  __lll_lock_wait (futex=futex@entry=0x7f4f41377968 <_rtld_global+2312>, private=0) at lowlevellock.c:52
#1  0x00007f4f413268d1 in __GI___pthread_mutex_lock (mutex=0x7f4f41377968 <_rtld_global+2312>) at ../nptl/pthread_mutex_lock.c:115
#2  0x00007f4f4135f896 in _dl_open (file=0x7f4f4060e000 "libdl.so.2") at dl-open.c:786
#3  0x00007f4f41317258 in dlopen_doit (a=a@entry=0x7f4f4060aea0) at dlopen.c:66
#7  0x00007f4f413172e4 in __dlopen (file=<optimized out>, mode=<optimized out>) at dlopen.c:87`

const LOAD_LOCK = makeLock({
  address: '0x7f4f41377968',
  symbol: '_rtld_global+2312',
  role: 'loader-load-lock',
  owner: 9,
  count: 1,
})
const joined = `0x${139978359224064n.toString(16)}`

it('a constructor that joins a thread which opens a library is a proven deadlock', () => {
  const found = diagnose(
    makeProcess({
      threads: [
        makeThread({ number: 1, stack: CONSTRUCTOR }),
        makeThread({ number: 2, stack: OPENS }),
        makeThread({ number: 3, stack: OPENS, pthread: joined }),
      ],
      locks: [LOAD_LOCK],
    }),
  )
  expect(found).toMatchObject({ class: 'loader-lock', failure: 'deadlock', confidence: 'proven' })
  expect(found.culprits.map(({ thread }) => thread)).toEqual([1, 3])
  expect(found.victims.map(({ thread }) => thread)).toEqual([2])
  expect(found.headline).toContain("while it runs a library's constructor")
  expect(found.also.map((other) => other.class)).toEqual(['lock-cycle'])
})

it("malloc's lock against the loader's, known by stacks alone, is strong", () => {
  const found = diagnose(
    makeProcess({
      threads: [
        makeThread({
          number: 1,
          stack: `
#0  __lll_lock_wait_private (futex=0x7f651c155b80 <main_arena>) at ./lowlevellock.c:35
#1  0x00007f651c00d01b in __GI___libc_malloc (bytes=50) at malloc.c:3064
#2  0x00000000004dac20 in phdr_callback (info=0x7f) at elf.c:4800
#3  0x00007f93e2891a45 in __GI___dl_iterate_phdr (callback=0x4dac20, data=0x7f) at dl-iteratephdr.c:75
#4  0x00000000004dae9e in backtrace_initialize () at elf.c:4894`,
        }),
        makeThread({
          number: 2,
          stack: `
#0  __lll_lock_wait (futex=0x7f93e2b73990 <_rtld_global+2352>, private=0) at lowlevellock.c:52
#1  0x00007f93e29558d1 in __GI___pthread_mutex_lock (mutex=0x7f93e2b73990 <_rtld_global+2352>) at ../nptl/pthread_mutex_lock.c:115
#2  0x00007f93e289197d in __GI___dl_iterate_phdr (callback=0x7f93e2943100, data=0x7f) at dl-iteratephdr.c:40
#3  0x00007f93e29441e1 in _Unwind_Find_FDE () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#4  0x00007f93e2942288 in _Unwind_Backtrace () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#5  0x000055a0fa286413 in profile (sig=27) at prof.c:22
#6  <signal handler called>
#7  _int_malloc (av=av@entry=0x7f651c155b80 <main_arena>, bytes=34800) at malloc.c:4116`,
        }),
      ],
    }),
  )
  expect(found).toMatchObject({ class: 'loader-lock', failure: 'deadlock', confidence: 'strong' })
  expect(found.culprits).toHaveLength(2)
})

it('a holder that waits for anybody is a hint, and a deadlock when nobody is left; one that sleeps a while is a slow owner', () => {
  const holder = (leaf: string): string => CONSTRUCTOR.replace(/#0.*\n/, `${leaf}\n`)
  const others = makeThread({ number: 2, stack: OPENS })
  const runs = makeThread({ number: 3, stack: '#0  compute () at a.c:1' })
  const threads = [
    makeThread({
      number: 1,
      stack: holder('#0  pthread_cond_wait () from /lib/x86_64-linux-gnu/libc.so.6'),
    }),
    others,
  ]
  const waiting = diagnose(makeProcess({ threads: [...threads, runs], locks: [LOAD_LOCK] }))
  expect(waiting).toMatchObject({ class: 'loader-lock', failure: 'unknown', confidence: 'weak' })
  const closed = diagnose(makeProcess({ threads, locks: [LOAD_LOCK] }))
  expect(closed).toMatchObject({ class: 'loader-lock', failure: 'deadlock', confidence: 'strong' })
  const patient = makeThread({
    number: 1,
    stack: holder('#0  pthread_cond_timedwait () from /lib/x86_64-linux-gnu/libc.so.6'),
  })
  const timed = diagnose(makeProcess({ threads: [patient, others], locks: [LOAD_LOCK] }))
  expect(timed).toMatchObject({ class: 'lock-wait', failure: 'unknown' })
  const slow = diagnose(
    makeProcess({
      threads: [
        makeThread({
          number: 1,
          stack: holder('#0  __GI___clock_nanosleep (clock_id=0) at n.c:48'),
        }),
        others,
      ],
      locks: [LOAD_LOCK],
    }),
  )
  expect(slow).toMatchObject({ class: 'lock-wait', failure: 'unknown' })
})
