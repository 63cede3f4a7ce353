import { describe, expect, it } from 'vitest'
import { parseGdbText } from '../../src/gdb/text.js'
import type { StoppedProcess, Thread } from '../../src/gdb/types.js'

function functions(thread: Thread | undefined): (string | null)[] | undefined {
  return thread?.frames.map((frame) => (frame.signalFrame ? '<signal>' : frame.function))
}

function byLwp(process: StoppedProcess, lwp: number): Thread | undefined {
  return process.threads.find((thread) => thread.lwp === lwp)
}

describe('parseGdbText', () => {
  it('reads gdb 7 with libthread_db, old list and old condition variable', () => {
    const process = parseGdbText(`GNU gdb (GDB) 7.6.1-ubuntu
Attaching to program: /usr/bin/app, process 1790
  Id   Target Id         Frame
  2    Thread 0x7f3c5d7fa700 (LWP 2045) "app" 0x00007f3c9d1b8e86 in pthread_cond_wait@@GLIBC_2.3.2 () from /lib/libpthread.so.0
* 1    Thread 0x7f3c9a8b9940 (LWP 1790) "app" 0x00007f3c9c0 in poll () from /lib/libc.so.6

Thread 2 (Thread 0x7f3c5d7fa700 (LWP 2045)):
#0  0x00007f3c9d1b8e86 in pthread_cond_wait@@GLIBC_2.3.2 () from /lib/libpthread.so.0
#1  0x0000000000400b52 in worker (arg=0x0) at app.c:20
#2  0x00007f3c9d1b4182 in start_thread () from /lib/libpthread.so.0

Thread 1 (Thread 0x7f3c9a8b9940 (LWP 1790)):
#0  0x00007f3c9c0 in poll () from /lib/libc.so.6
#1  0x0000000000400c01 in main () at app.c:40
`)
    expect(process).toMatchObject({
      pid: 1790,
      executable: '/usr/bin/app',
      gdb: '7.6.1-ubuntu',
      unread: [],
    })
    expect(process.threads).toHaveLength(2)
    expect(byLwp(process, 2045)).toMatchObject({
      number: 2,
      pthread: '0x7f3c5d7fa700',
      name: 'app',
      wait: { kind: 'condvar' },
    })
    expect(byLwp(process, 1790)?.wait?.kind).toBe('poll')
    expect(functions(byLwp(process, 2045))).toEqual([
      'pthread_cond_wait@@GLIBC_2.3.2',
      'worker',
      'start_thread',
    ])
  })

  it("reads KDE's crash report, its handler as the signal frame", () => {
    const process = parseGdbText(`Application: Plasma (plasmashell), signal: Aborted
[Current thread is 1 (Thread 0x7f3c9a8b9940 (LWP 1790))]

Thread 2 (Thread 0x7f3c5d7fa700 (LWP 2045)):
#0  0x00007f3c9d1b8e86 in poll () from /lib/libc.so.6

Thread 1 (Thread 0x7f3c9a8b9940 (LWP 1790)):
[KCrash Handler]
#6  0x00007f3c9c0 in raise () from /lib/libc.so.6
#7  0x00007f3c9c1 in abort () from /lib/libc.so.6
`)
    expect(functions(byLwp(process, 1790))).toEqual(['<signal>', 'raise', 'abort'])
    expect(byLwp(process, 1790)?.frames[0]?.level).toBe(5)
  })

  it('reads a dump quoted in a mail, with wrapped lines and pager', () => {
    const process = parseGdbText(`> > Thread 5 (Thread 0x7fb7 (LWP 31)):
> > #0  __lll_lock_wait () at
> > ../nptl/sysdeps/unix/sysv/linux/x86_64/lowlevellock.S:135
> > #1  0x00007fb7a2 in __GI___pthread_mutex_lock
> > (mutex=0x7fb7c0 <_rtld_global+2352>) at ../nptl/pthread_mutex_lock.c:115
> > --Type <RET> for more, q to quit, c to continue without paging--
> > #2  0x00007fb7a3 in __GI___dl_iterate_phdr (callback=0x7fb7d0,
> > data=0x7fb7e0) at dl-iteratephdr.c:41
> > #3  <signal handler called>
> > #4  0x00007fb7a2 in __GI___pthread_mutex_lock (mutex=0x7fb7c0
> > <_rtld_global+2352>) at ../nptl/pthread_mutex_lock.c:81
`)
    const thread = process.threads[0]
    expect(functions(thread)).toEqual([
      '__lll_lock_wait',
      '__GI___pthread_mutex_lock',
      '__GI___dl_iterate_phdr',
      '<signal>',
      '__GI___pthread_mutex_lock',
    ])
    expect(thread?.frames[0]).toMatchObject({ line: 135 })
    expect(thread?.wait).toMatchObject({ kind: 'loader', address: '0x7fb7c0' })
    expect(thread?.frames[4]?.lock).toBe('0x7fb7c0')
    expect(process.locks).toEqual([
      expect.objectContaining({
        address: '0x7fb7c0',
        symbol: '_rtld_global+2352',
        role: 'loader-write-lock',
      }),
    ])
  })

  it('reads a single backtrace, and two one after the other as two threads', () => {
    const process = parseGdbText(`(gdb) where
#0  0x00007f12 in read () from /lib/libc.so.6
#1  0x00000040 in main () at a.c:3
(gdb) thread 2
[Switching to thread 2 (LWP 14)]
#0  0x00007f13 in nanosleep () from /lib/libc.so.6
(gdb) bt
#0  0x00007f13 in nanosleep () from /lib/libc.so.6
#1  0x00000041 in tick () at a.c:9
(gdb) quit
`)
    expect(process.threads).toHaveLength(2)
    expect(functions(process.threads[0])).toEqual(['read', 'main'])
    expect(byLwp(process, 14)).toMatchObject({ number: 2, wait: { kind: 'sleep', timed: true } })
    expect(functions(byLwp(process, 14))).toEqual(['nanosleep', 'tick'])
  })

  it('skips local variables of a full backtrace, even those that look like frames', () => {
    const process = parseGdbText(`Thread 1 (LWP 7 "app"):
#0  0x00007f12 in poll () from /lib/libc.so.6
No symbol table info available.
#1  0x00000040 in run (log=0x7f "#2  0x1 in fake ()") at a.c:3
        line = "#3  0x1 in fake () from x"
        action = {sa_handler = 0x1 <f(int)>, sa_mask = {__val = {1, 0 <repeats 15 times>}}}
        count = 2
#2  0x00000041 in main () at a.c:9
No locals.
`)
    expect(functions(process.threads[0])).toEqual(['poll', 'run', 'main'])
    expect(process.unread).toEqual([])
  })

  it('keeps why a stack ends', () => {
    const process = parseGdbText(`Thread 2 (LWP 8 "a"):
#0  0x1 in f () from /lib/x.so
#1  0x2 in g () from /lib/x.so
(More stack frames follow...)

Thread 1 (LWP 7 "a"):
#0  0x1 in f () from /lib/x.so
Backtrace stopped: previous frame identical to this frame (corrupt stack?)
`)
    expect(byLwp(process, 8)?.frames.at(-1)?.cut).toBe('More stack frames follow')
    expect(byLwp(process, 7)?.frames.at(-1)?.cut).toMatch(/corrupt stack/)
  })

  it('cuts a C stack where Go changes stacks', () => {
    const process = parseGdbText(`Thread 1 (LWP 7 "a"):
#0  0x1 in throw_and_catch () at t.cc:3
#1  0x2 in runtime.asmcgocall.abi0 () at asm_amd64.s:872
#2  0x000000c000004a80 in ?? ()
#3  0x3 in runtime.park_m (gp=0xc0) at proc.go:3000
`)
    expect(functions(process.threads[0])).toEqual(['throw_and_catch', 'runtime.asmcgocall.abi0'])
    expect(process.threads[0]?.frames.at(-1)?.cut).toMatch(/2 frames/)
  })

  it('tells inlined frames', () => {
    const process = parseGdbText(`#0  futex_wait (futex_word=0x7f1) at futex-internal.h:146
#1  __GI___lll_lock_wait (futex=0x7f1, private=0) at lowlevellock.c:49
#2  0x00007f2 in lll_mutex_lock_optimized (mutex=0x7f1) at pthread_mutex_lock.c:48
#3  ___pthread_mutex_lock (mutex=0x7f1) at pthread_mutex_lock.c:93
#4  0x0000555 in main () at m.c:9
`)
    expect(process.threads[0]?.frames.map((frame) => frame.inlined)).toEqual([
      true,
      false,
      true,
      false,
      false,
    ])
    expect(process.threads[0]?.wait).toMatchObject({ kind: 'mutex', address: '0x7f1' })
  })

  it('reads eu-stack', () => {
    const process = parseGdbText(`PID 7 - process
TID 7:
#0  0x00007f48f9dea4a7 __pthread_clockjoin_ex - /lib/libpthread-2.31.so
#1  0x000056260d8834dc main - /tmp/sr
TID 13:
#0  0x00007f48f9df2e2b __lll_lock_wait
    ../nptl/lowlevellock.c:52
#1  0x00007f48f9deb8d1 __pthread_mutex_lock
`)
    expect(process.pid).toBe(7)
    expect(byLwp(process, 7)).toMatchObject({ wait: { kind: 'join' } })
    expect(byLwp(process, 13)?.frames[0]).toMatchObject({
      file: '../nptl/lowlevellock.c',
      line: 52,
    })
    expect(byLwp(process, 13)?.wait?.kind).toBe('mutex')
  })

  it('reads pstack of one thread, 32-bit', () => {
    const process = parseGdbText(`#0  0xb7fe1424 in __kernel_vsyscall ()
#1  0xb7e7f8a6 in poll () from /lib/libc.so.6
#2  0x08048abc in main ()
`)
    expect(process.threads).toHaveLength(1)
    expect(process.threads[0]?.frames[2]).toMatchObject({ pc: '0x8048abc', function: 'main' })
  })

  it('keeps the signal of a crash and the thread that had it', () => {
    const process = parseGdbText(`Core was generated by \`/srv/app --fast'.
Program terminated with signal SIGSEGV, Segmentation fault.
#0  0x00000040 in pay (to=0x0, amount=5) at a.c:8
[Current thread is 1 (Thread 0x7f3c (LWP 99))]

Thread 1 (Thread 0x7f3c (LWP 99)):
#0  0x00000040 in pay (to=0x0, amount=5) at a.c:8
#1  0x00000041 in main () at a.c:20
`)
    expect(process.signal).toEqual({ number: 11, name: 'SIGSEGV', lwp: 99 })
    expect(process.executable).toBe('/srv/app')
    expect(functions(byLwp(process, 99))).toEqual(['pay', 'main'])
  })

  it('takes a printed mutex for the lock that threads wait for', () => {
    const process = parseGdbText(`Thread 5 (LWP 31 "a"):
#0  __lll_lock_wait (futex=0x7fb7c0 <_rtld_global+2352>, private=0) at lowlevellock.c:52
#1  0x00007fb7a2 in __GI___pthread_mutex_lock (mutex=0x7fb7c0 <_rtld_global+2352>) at pthread_mutex_lock.c:115
(gdb) p *(pthread_mutex_t*)0x7fb7c0
$1 = {__data = {__lock = 2, __count = 0, __owner = 0, __nusers = 0, __kind = 1, __spins = 0, __elision = 0}}
`)
    expect(process.locks).toEqual([
      expect.objectContaining({
        address: '0x7fb7c0',
        kind: 'recursive mutex',
        word: 2,
        owner: 0,
        count: 0,
        users: 0,
        guessed: false,
      }),
    ])
  })

  it('finds the thread that is joined by its pthread id', () => {
    const process = parseGdbText(`Thread 2 (Thread 0x7ffff7d8a640 (LWP 22)):
#0  0x1 in pause () from /lib/libc.so.6
Thread 1 (Thread 0x7ffff7d8b740 (LWP 21)):
#0  0x2 in __pthread_clockjoin_ex (threadid=140737351558720, thread_return=0x0) at pthread_join_common.c:145
#1  0x3 in main () at a.c:2
`)
    expect(byLwp(process, 21)?.wait).toMatchObject({ kind: 'join', lwp: 22 })
  })

  it('says so when there is nothing', () => {
    expect(parseGdbText('hello\nworld')).toMatchObject({
      threads: [],
      unread: ['no thread and no stack frame was found in the text'],
    })
  })
})
