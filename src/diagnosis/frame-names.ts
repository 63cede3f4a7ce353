import type { Frame } from '../gdb/types.js'

/** gdb prints parameter types where a function has no debug information: `std::terminate() ()`. Go's `(*T)` stays. */
const PARAMETERS = /(?<!operator)(?<![.:])\((?!anonymous|\*).*$/

/**
 * The name that a function has in its source, without the aliases that glibc gives it, its version or its PLT stub:
 * `__GI___pthread_mutex_lock`, `___pthread_mutex_lock` and `pthread_mutex_lock@plt` are all `pthread_mutex_lock`;
 * `_Unwind_Find_FDE` is `Unwind_Find_FDE`. Null for `??`.
 */
export function plainName(frame: Frame): string | null {
  if (frame.function === null || frame.function === '??') return null
  const name = frame.function.replace(/^(?:__GI_)?_*/, '')
  return /[@.(]/.test(name) ? name.replace(PARAMETERS, '').replace(DECORATION, '') : name
}

/** Symbol versions, PLT stubs, and the suffixes of gcc's own copies of a function. */
const DECORATION = /@.*$|\.(?:cold|part|constprop|isra|lto_priv)\b.*$/

/** Whether the frame's plain name matches; false for `??`. */
export function isNamed(frame: Frame, pattern: RegExp): boolean {
  const name = plainName(frame)
  return name !== null && pattern.test(name)
}

/** nptl/pthread_mutex_lock.c, pthread_rwlock_common.c, lowlevellock.h; gthreads and libstdc++ wrappers around them */
export const TAKES_LOCK =
  /^(pthread_mutex_(lock|timedlock|clocklock|cond_lock|trylock)(_full|_common)?|lll_mutex_lock_optimized|lll_cas_lock|(IO_)?flockfile|IO_lock_lock|pthread_rwlock_\w*(rd|wr)lock(_full(64)?)?|pthread_spin_lock|lll_(timed)?lock(_wait(_private)?|_elision)?|(gthread|gthread_active)_mutex_lock|std::(recursive_|timed_|shared_)?mutex::lock|std::unique_lock<.*>::lock|std::lock_guard<.*>::lock_guard)$/

/** nptl/pthread_mutex_unlock.c, pthread_rwlock_unlock.c, lowlevellock.h; libio/libioP.h (`_IO_acquire_lock_fct` gives back) */
export const RELEASES_LOCK =
  /^(pthread_mutex_unlock(_usercnt|_full)?|lll_mutex_unlock_optimized|IO_acquire_lock_fct|(IO_)?funlockfile|IO_lock_unlock\w*|pthread_rwlock_unlock|pthread_spin_unlock|lll_unlock(_wake(_private)?|_elision)?|gthread_mutex_unlock|std::(recursive_|timed_|shared_)?mutex::unlock|std::unique_lock<.*>::unlock|std::lock_guard<.*>::~lock_guard)$/

/** Inside the kernel's wait: the lock is not yet ours (unless the wait has just returned) */
export const SLEEPS_FOR_LOCK =
  /^(lll_(timed)?lock_wait(_private)?|futex_\w+|lll_futex_\w+|syscall|wait|timedwait\w*|lll_robust_\w+)$/

/** libgcc's unwinder (unwind.inc, unwind-dw2.c, unwind-dw2-fde-dip.c), LLVM's and nongnu's libunwind */
export const UNWINDS =
  /^(Unwind_\w+|uw_\w+|execute_cfa_program(_generic|_specialized)?|execute_stack_op|x86_64_fallback_frame_state|aarch64_fallback_frame_state|search_object|linear_search_fdes|binary_search_\w+|U?L?(x86_64|aarch64)?_?(step|dwarf_\w+|dl_iterate_phdr)|unw_\w+|libunwind::.*|read_encoded_value_with_base|extract_cie_info|frob_\w+)$/

/** libstdc++'s eh_throw.cc and libgcc's phase one */
export const THROWS =
  /^(cxa_(throw|rethrow|throw_bad_array_new_length)|Unwind_(RaiseException|Resume|Resume_or_Rethrow|ForcedUnwind)(_Phase2)?|std::__throw_\w+|std::rethrow_exception)$/

/** Any name or, failing that, any code of libgcc */
export function isUnwinder(frame: Frame): boolean {
  return isNamed(frame, UNWINDS) || /\blibgcc_s\b|libunwind/.test(frame.library ?? '')
}

/** elf/dl-iteratephdr.c */
export const ITERATES_LIBRARIES = /^dl_iterate_phdr$/

/** Address of the lock that a frame is about, as the dump's decoder found it, or from the function's arguments: `mutex=mutex@entry=0x7f… <_rtld_global+2352>`. */
export function lockArgument(frame: Frame): string | null {
  if (frame.lock !== undefined) return plainAddress(frame.lock)
  const found =
    /\b(?:mutex|futex|rwlock|lock|cond|sem|barrier|once_control|futex_word|m|_?_?mutex)(?:=\w+@entry)?=(?:\([^)]*\) ?)?(0x[0-9a-fA-F]+)/.exec(
      frame.args ?? '',
    )
  return found?.[1] === undefined ? null : plainAddress(found[1])
}

/** The symbol that gdb printed beside the lock's address: `_rtld_global+2352`. */
export function lockArgumentSymbol(frame: Frame): string | null {
  const found = /\b(?:mutex|futex|rwlock|lock|m)(?:=\w+@entry)?=0x[0-9a-fA-F]+ <([^>]+)>/.exec(
    frame.args ?? '',
  )
  return found?.[1] ?? null
}

/** One spelling for one address: lower case, no leading zeros. */
export function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^0x0+(?=[0-9a-f])/, '0x')
}

/** A frame without a name in the C library or in nothing known: in a stripped libc the lock functions' own helpers. */
export function isNamelessLibc(frame: Frame): boolean {
  if (frame.function !== null || frame.signalFrame) return false
  return frame.library === null || /\b(libc|libpthread|ld-linux|ld)[-.]/.test(frame.library)
}
