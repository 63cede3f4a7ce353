import type { Wait } from './types.js'

/**
 * The name that a function has in its source, without glibc's aliases, symbol versions and the compiler's suffixes.
 *
 *     __GI___pthread_mutex_lock      → pthread_mutex_lock
 *     pthread_cond_wait@@GLIBC_2.3.2 → pthread_cond_wait
 *     _int_malloc.part.0             → int_malloc
 */
export function plainName(name: string | null): string {
  if (name === null) return ''
  return name
    .replace(/ \[clone .*$|@.*$/, '')
    .replace(/(?:\.(?:part|constprop|isra|cold|lto_priv|abi0)(?:\.\d+)*)+$/, '')
    .replace(/^_+(?:GI_)?_*(?:libc_|new_)?/, '')
}

/** Functions of glibc (nptl/) and Go that wait for something a program can name, by plain name. */
const WAITING_CALLS: readonly (readonly [RegExp, Wait['kind']])[] = [
  [/^pthread_mutex_(?:lock|timedlock|clocklock|cond_lock)(?:_full|_common)*$/, 'mutex'],
  [/^pthread_rwlock_(?:timed|clock)?rdlock(?:_full|64)*$/, 'rwlock-read'],
  [/^pthread_rwlock_(?:timed|clock)?wrlock(?:_full|64)*$/, 'rwlock-write'],
  [/^pthread_cond_(?:wait|timedwait|clockwait)(?:_common|64)*$/, 'condvar'],
  [/^sem_(?:wait|timedwait|clockwait)(?:_slow|_fast|64)*$|^do_futex_wait$/, 'semaphore'],
  [/^pthread_(?:timed|clock)?join(?:_ex|_np|_common|64)*$/, 'join'],
  [/^pthread_barrier_wait$/, 'barrier'],
  [/^pthread_once(?:_slow)?$|^cxa_guard_acquire$/, 'once'],
  [/^runtime\.futex$/, 'go-runtime'],
]

/** The system call's wrappers and lock primitives below such a function (nptl/lowlevellock.c, futex-internal.c). */
const LOW_LEVEL =
  /^(?:lll_(?:timed|clock)?(?:lock|wait|mutex)\w*|L_lock_\d+|futex_\w+|internal_futex\w*|syscall|syscall_cancel\w*|kernel_vsyscall|do_syscall|internal_syscall_cancel|pthread_(?:en|dis)able_asynccancel|lll_timedwait_tid|lll_wait_tid|timedwait_tid|old_sem_wait)$/

/** malloc/malloc.c and arena.c: what takes an arena's lock. */
const MALLOC =
  /^(?:malloc|free|calloc|realloc|memalign|valloc|pvalloc|aligned_alloc|posix_memalign|mallopt|mallinfo2?|malloc_\w+|int_(?:malloc|free|realloc|memalign)\w*|arena_\w+|reused_arena|get_free_list|detach_arena|tcache_\w+|ptmalloc_\w+|(?:calloc|malloc|free)2)$/

/** libio/ and stdio-common/: what takes a stream's lock. */
const STDIO =
  /^(?:IO_\w+|(?:f?puts|fwrite|fread|f?putc|f?getc|fgets|fputs|fflush|fclose|ungetc|fseeko?|ftello?|fgetpos|fsetpos|rewind|setvbuf|setbuf|flockfile|v?f?w?printf\w*|v?f?w?scanf\w*|perror|put(?:char|wchar|w|wc)|get(?:char|wchar|w|wc|line|delim)|fputws?|fputwc|fgetws?|fgetwc|feof|ferror|clearerr)(?:_unlocked|_chk|_internal)*)$/

/** elf/dl-iteratephdr.c, dl-object.c, dl-open.c: what takes `_dl_load_write_lock` itself. */
const LOADER_WRITE = /^(?:dl_iterate_phdr|dl_add_to_namespace_list|add_to_global\w*)$/

/** elf/: what takes `_dl_load_lock` (or, since 2.35, `_dl_load_tls_lock`). */
const LOADER_LOAD =
  /^(?:dl_(?:open|open_worker\w*|close|close_worker|addr|fini|call_fini|sym|vsym|allocate_tls\w*|lookup_symbol_x|update_slotinfo|make_tlsdesc_dynamic|tlsdesc_\w+|find_dso_for_object|unload_cache|catch_\w+)|add_dependency|tls_get_addr\w*|update_get_addr|dladdr1?|dlopen|dlclose|dlv?sym|dlinfo|init_tls)$/

/** Functions in which a thread waits for the world outside, by plain name. */
const OUTSIDE_CALLS: readonly (readonly [RegExp, Wait['kind']])[] = [
  [
    /^p?poll$|^p?select$|^epoll_p?wait2?$|^runtime\.(?:epollwait|netpoll)$|\/syscall(?:\/linux)?\.EpollWait$/,
    'poll',
  ],
  [/^(?:clock_)?nanosleep\w*$|^u?sleep$|^runtime\.usleep$/, 'sleep'],
  [
    /^(?:p?readv?(?:64)?|p?writev?(?:64)?|recv(?:from|mmsg|msg)?|send(?:to|mmsg|msg)?|accept4?|connect|flock|fcntl\w*)$/,
    'io',
  ],
]

/** What a function that waits waits for, or null for any other function. */
export function waitingCall(name: string): Wait['kind'] | null {
  return WAITING_CALLS.find(([pattern]) => pattern.test(name))?.[1] ?? null
}

/** What a thread whose innermost frame is this function waits for outside the process, or null. */
export function outsideCall(name: string): Wait['kind'] | null {
  return OUTSIDE_CALLS.find(([pattern]) => pattern.test(name))?.[1] ?? null
}

/** True for the primitives below a waiting call. */
export function isLowLevel(name: string): boolean {
  return LOW_LEVEL.test(name)
}

/** True for functions that release a lock. */
export function isRelease(name: string): boolean {
  return /^(?:pthread_(?:mutex_unlock(?:_usercnt|_full)?|rwlock_unlock)|lll_unlock\w*|funlockfile)$/.test(
    name,
  )
}

/** What a lock belongs to, by the kind of wait and the function that asked for it. */
export function ownerOfLock(
  kind: Wait['kind'],
  caller: string,
): 'malloc-arena' | 'stdio' | 'loader-write-lock' | 'loader-load-lock' | 'go-runtime' | null {
  if (kind === 'go-runtime') return 'go-runtime'
  if (kind !== 'mutex' && kind !== 'low-level-lock') return null
  if (LOADER_WRITE.test(caller)) return 'loader-write-lock'
  if (LOADER_LOAD.test(caller)) return 'loader-load-lock'
  if (STDIO.test(caller)) return 'stdio'
  return kind === 'low-level-lock' && MALLOC.test(caller) ? 'malloc-arena' : null
}
