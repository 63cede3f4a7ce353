import type { Frame, Lock } from '../gdb/types.js'
import { isNamed } from './frame-names.js'
import { isSignalMark } from './stack.js'

/** A part of the C library that guards itself with a lock which its callers never see. */
export interface Subsystem {
  readonly id:
    | NonNullable<Lock['role']>
    | 'time-zone'
    | 'thread-list'
    | 'locale'
    | 'exit'
    | 'resolver'
    | 'random'
  /** As it reads in a sentence: `the loader's lock` */
  readonly lockName: string
  /** As it reads in a sentence: `malloc` */
  readonly name: string
  /** The lock knows its owner and lets it in again, so only a window can shut its owner out */
  readonly recursive: boolean
  /** Functions that take the lock */
  readonly takes: RegExp
  /** Functions inside which the lock is held when they have called something else, or were interrupted */
  readonly holds: RegExp
}

/**
 * Sources, all glibc: elf/dl-iteratephdr.c, dl-object.c, dl-open.c, dl-close.c, dl-sym.c, dl-addr.c; malloc/malloc.c and
 * arena.c; libio; time/tzset.c; nptl/allocatestack.c; stdlib/cxa_atexit.c and exit.c; resolv; stdlib/random.c.
 */
export const SUBSYSTEMS: readonly Subsystem[] = [
  {
    id: 'loader-write-lock',
    recursive: true,
    lockName: "the loader's lock",
    name: 'the dynamic loader',
    takes: /^(dl_iterate_phdr|dl_add_to_namespace_list|add_to_global_update|dl_unmap_segments)$/,
    holds: /^(dl_iterate_phdr|dl_add_to_namespace_list)$/,
  },
  {
    id: 'loader-load-lock',
    recursive: true,
    lockName: "the loader's load lock",
    name: 'the dynamic loader',
    takes:
      /^(dl_(open|open_worker|open_worker_begin|close|close_worker|sym|vsym|addr|addr1|fini|init|map_object|tlsdesc_dynamic)|(libc_)?dl(open|mopen|close|sym|vsym|addr|info)\w*|do_sym|tls_get_addr\w*|update_get_addr|init_dtors?)$/,
    holds:
      /^(dl_open|dl_open_worker(_begin)?|dl_close(_worker)?|call_init|dl_init|dl_fini|dl_call_fini|do_sym|dl_addr|dl_map_object\w*)$/,
  },
  {
    id: 'malloc-arena',
    recursive: false,
    lockName: "malloc's lock",
    name: 'malloc',
    takes:
      /^((libc_)?(malloc|calloc|realloc|free|cfree|memalign|valloc|pvalloc|posix_memalign|aligned_alloc|malloc_trim|mallinfo2?|mallopt)|arena_get(2|_retry)?|int_(malloc|free|realloc|memalign)\w*|ptmalloc_\w+|tcache_\w+|reused_arena|get_free_list|malloc_consolidate|sysmalloc\w*|operator (new|delete)(\[\])?)$/,
    holds:
      /^(int_(malloc|free|realloc|memalign)\w*|malloc_consolidate|sysmalloc\w*|systrim\w*|unlink_chunk|heap_trim|grow_heap|new_heap|mtrim)$/,
  },
  {
    id: 'stdio',
    recursive: true,
    lockName: "a stdio stream's lock",
    name: 'stdio',
    takes:
      /^((IO_)?(puts|fputs|fwrite|fread|fflush|fclose|fgets|getc|putc|putchar|getline|getdelim|ftell|fseek\w*|setvbuf|printf|fprintf|vprintf|vfprintf|perror|flockfile|lock_lock|flush_all\w*|cleanup|list_lock|un_link|link_in|new_fclose)|v?fprintf_(internal|chk)|printf_chk|vfprintf_internal|new_do_write)$/,
    holds:
      /^((IO_)?(new_)?(file_\w+|do_write|default_xsputn|default_uflow|puts|fputs|fwrite|fflush|fread|fgets|flush_all\w*|switch_to_\w+|doallocbuf)|v?f?printf_internal|buffered_vfprintf|printf_buffer\w*|printf_positional)$/,
  },
  {
    id: 'time-zone',
    recursive: false,
    lockName: "the time zone's lock",
    name: 'the time zone functions',
    takes: /^(tz_convert|localtime(64)?(_r)?|tzset|mktime(64)?|strftime\w*|ctime(64)?(_r)?)$/,
    holds: /^(tz_convert|tzset_internal|tzfile_\w+|tzset_parse_tz|tz_compute)$/,
  },
  {
    id: 'thread-list',
    recursive: false,
    lockName: "the thread list's lock",
    name: 'thread creation',
    takes:
      /^(pthread_create\w*|allocate_stack|get_cached_stack|deallocate_stack|nptl_\w+|make_stacks_executable|free_stacks)$/,
    holds:
      /^(allocate_stack|get_cached_stack|queue_stack|nptl_free_stacks|make_stacks_executable)$/,
  },
  {
    id: 'exit',
    recursive: false,
    lockName: "the exit handlers' lock",
    name: 'the exit handlers',
    takes:
      /^(new_exitfn|cxa_atexit|internal_atexit|run_exit_handlers|cxa_finalize|on_exit|exit|cxa_at_quick_exit)$/,
    holds: /^(new_exitfn|run_exit_handlers|cxa_finalize)$/,
  },
  {
    id: 'locale',
    recursive: false,
    lockName: "the locale's lock",
    name: 'the locale functions',
    takes:
      /^(setlocale|newlocale|freelocale|duplocale|dcigettext|dcgettext|textdomain|bindtextdomain)$/,
    holds: /^(dcigettext|nl_\w+|setlocale)$/,
  },
  {
    id: 'resolver',
    recursive: false,
    lockName: "the resolver's lock",
    name: 'the resolver',
    takes: /^(getaddrinfo|gethostby\w+|getpw\w+|getgr\w+|nss_\w+|res_\w+)$/,
    holds: /^(nss_\w+|res_\w+)$/,
  },
  {
    id: 'random',
    recursive: false,
    lockName: "the random generator's lock",
    name: 'random',
    takes: /^(random|srandom|rand|srand|setstate|initstate)(_r)?$/,
    holds: /^(random_r|srandom_r)$/,
  },
]

/** The subsystem with that id, or null. */
export function subsystemById(id: string | null): Subsystem | null {
  return SUBSYSTEMS.find((subsystem) => subsystem.id === id) ?? null
}

/** How far above the lock function its caller may stand: wrappers such as `__rtld_mutex_lock` or `_IO_lock_lock` lie between. */
const REACH = 3

/** Whose lock is being taken or given back, judged by the frames that called the lock function (innermost first). */
export function takenBy(callers: readonly Frame[]): Subsystem | null {
  const near = callers.slice(0, REACH)
  for (const frame of near) {
    const found = SUBSYSTEMS.find((subsystem) => isNamed(frame, subsystem.takes))
    if (found !== undefined) return found
    if (isSignalMark(frame)) return null
  }
  return null
}
