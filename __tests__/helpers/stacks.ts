/**
 * Stacks from real dumps: Debian 11 (glibc 2.31, libgcc 10.2), Go 1.15.15, gdb 10, with the C library's debug symbols.
 * Innermost first, as gdb prints them.
 */

const WAITS = `
#0  __lll_lock_wait (futex=futex@entry=0x7f93e2b73990 <_rtld_global+2352>, private=0) at lowlevellock.c:52
#1  0x00007f93e29558d1 in __GI___pthread_mutex_lock (mutex=0x7f93e2b73990 <_rtld_global+2352>) at ../nptl/pthread_mutex_lock.c:115`

const HANDLER = `${WAITS}
#2  0x00007f93e289197d in __GI___dl_iterate_phdr (callback=0x7f93e2943100, data=0xc00005aec0) at dl-iteratephdr.c:40
#3  0x00007f93e29441e1 in _Unwind_Find_FDE () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#4  0x00007f93e29403a8 in ?? () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#5  0x00007f93e2941570 in ?? () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#6  0x00007f93e2942288 in _Unwind_Backtrace () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#7  0x00000000004dbd8c in cgoTraceback (parg=0xc00005b430) at traceback.c:82
#8  0x00000000004cfbe6 in x_cgo_callers (sig=27, info=0xc00005b5b0, context=0xc00005b480, sigtramp=0x46bbc0 <runtime.sigtramp>) at gcc_traceback.c:22
#9  <signal handler called>`

const THROW = `
#12 0x00007f93e29441e1 in _Unwind_Find_FDE () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#13 0x00007f93e29403a8 in ?? () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#14 0x00007f93e29416ed in ?? () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#15 0x00007f93e2941dc1 in _Unwind_RaiseException () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#16 0x00007f93e2a12c58 in __cxa_throw () from /usr/lib/x86_64-linux-gnu/libstdc++.so.6
#17 0x00000000004033fc in one () at throw.cc:3
#18 loop_throw () at throw.cc:4
#19 0x0000000000469c50 in runtime.asmcgocall () at /usr/lib/go-1.15/src/runtime/asm_amd64.s:656 [cut]
#20 0x000000000044077d in runtime.park_m (gp=0xc000086300) at /usr/lib/go-1.15/src/runtime/proc.go:2851`

const CALLBACK = `
#0  0x00007f93e2943142 in ?? () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#1  0x00007f93e2891a45 in __GI___dl_iterate_phdr (callback=0x7f93e2943100, data=0x7f93bb0ec7a0) at dl-iteratephdr.c:75`

/** A throw inside libgcc's callback of dl_iterate_phdr: a busy thrower, or one that never comes back. */
export const IN_CALLBACK = `${CALLBACK}${THROW}`

/** The same in a handler that interrupted the callback. */
export const IN_CALLBACK_UNDER_HANDLER = `${CALLBACK}
#3  0x00007f93e29441e1 in _Unwind_Find_FDE () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#6  0x00007f93e2942288 in _Unwind_Backtrace () from /lib/x86_64-linux-gnu/libgcc_s.so.1
#8  0x00000000004cfbe6 in x_cgo_callers (sig=27, info=0xc00005b5b0) at gcc_traceback.c:22
#9  <signal handler called>${CALLBACK}${THROW}`

/** SIGPROF while the lock was being taken: the shape of the original report's thread 5. */
export const LOCK_WINDOW = `${HANDLER}
#10 0x00007f93e29558b1 in __GI___pthread_mutex_lock (mutex=0x7f93e2b73990 <_rtld_global+2352>) at ../nptl/pthread_mutex_lock.c:125
#11 0x00007f93e289197d in __GI___dl_iterate_phdr (callback=0x7f93e2943100, data=0x7f93bb0ec7a0) at dl-iteratephdr.c:40${THROW}`

/** SIGPROF while the lock was being given back. */
export const UNLOCK_WINDOW = `${HANDLER}
#10 0x00007f93e2956eb5 in __pthread_mutex_unlock_usercnt (mutex=0x7f93e2b73990 <_rtld_global+2352>, decr=<optimized out>) at pthread_mutex_unlock.c:58
#11 0x00007f93e2891ad1 in __GI___dl_iterate_phdr (callback=0x7f93e2943100, data=0x7f93bb0ec7a0) at dl-iteratephdr.c:82${THROW}`

/** A handler that waits for the same lock over code that has nothing to do with it: a victim in a handler. */
export const HANDLER_OVER_WRITE = `${HANDLER}
#10 __GI___libc_write (nbytes=21, buf=0x55be26af3fe0, fd=1) at ../sysdeps/unix/sysv/linux/write.c:26
#11 0x00007f2b2de54355 in _IO_new_file_write (f=0x7f2b2dfa76a0 <_IO_2_1_stdout_>, data=0x55be26af3fe0, n=21) at fileops.c:1181
#12 0x00007f2b2de48472 in __GI__IO_fflush (fp=0x7f2b2dfa76a0 <_IO_2_1_stdout_>) at libioP.h:948
#13 0x000055be242873b7 in main () at loop.cc:17`

/** The first symbolization after the hit: the original report's thread 4. */
export const SYMBOLIZES = `${WAITS}
#2  0x00007f93e289197d in __GI___dl_iterate_phdr (callback=callback@entry=0x4dac20 <phdr_callback>, data=data@entry=0x7f93b9f8ace0) at dl-iteratephdr.c:40
#3  0x00000000004dae9e in backtrace_initialize (state=state@entry=0x7f93e2b71000, filename=filename@entry=0x3471b470 "./rep", descriptor=6) at elf.c:4894
#4  0x00000000004db0ba in fileline_initialize (state=state@entry=0x7f93e2b71000) at fileline.c:261
#5  0x00000000004dbc56 in cgoSymbolizer (parg=0xc000039a50) at symbolizer.c:106
#6  0x0000000000469c50 in runtime.asmcgocall () at /usr/lib/go-1.15/src/runtime/asm_amd64.s:656 [cut]
#7  0x00007f93e25defd8 in ?? ()`

/** A Go thread with nothing to do. */
export const GO_IDLE = `
#0  runtime.futex () at /usr/lib/go-1.15/src/runtime/sys_linux_amd64.s:588
#1  0x0000000000433786 in runtime.futexsleep (addr=0xc00002e948, val=0, ns=-1) at /usr/lib/go-1.15/src/runtime/os_linux.go:45
#2  0x000000000040da9f in runtime.notesleep (n=0xc00002e948) at /usr/lib/go-1.15/src/runtime/lock_futex.go:159
#3  0x000000000043dd85 in runtime.stopm () at /usr/lib/go-1.15/src/runtime/proc.go:1924`
