import { compareVersions, validate } from 'compare-versions'
import { GUARD_LINES, SAFE_SYMBOLIZER_LINES, SHARED_LINES } from '../mitigation/lines.js'
import type { DiagnosisContext } from './context.js'
import type { Diagnosis } from './schema.js'

type Advice = Diagnosis['advice'][number]

/** Oldest glibc with `_dl_find_object`, the lock-free look-up (glibc 2.35, elf/dl-find_object.c). */
const LOCK_FREE_GLIBC = '2.35'

/**
 * What to do about an unwinder that takes the loader's lock: another libgcc (by base image or by linkage, whichever
 * this toolchain lacks), another symbolizer, the guard, and, as a stopgap only, no symbolizer.
 */
export function unwinderAdvice(context: DiagnosisContext): Advice[] {
  return [libgccAdvice(context), symbolizerAdvice(context), guardAdvice(), stopgapAdvice()]
}

function libgccAdvice(context: DiagnosisContext): Advice {
  const built = context.toolchain ?? null
  if (built?.unwinder.linkage === 'static' && isNewGlibc(built.glibc)) {
    return {
      text:
        'The old unwinder is linked into the program, although this system has a newer one. Link libgcc and libstdc++ dynamically ' +
        '(drop -static-libgcc and -static-libstdc++), or build with GCC 12 or newer, whose unwinder finds frames without any lock.',
      copy: SHARED_LINES,
    }
  }
  const statically =
    built?.unwinder.linkage === 'static'
      ? ' Drop -static-libgcc too, or build with GCC 12 or newer there.'
      : ''
  return {
    text:
      'Run on a system whose libgcc is GCC 12 or newer and was built against glibc 2.35 or newer (Debian 12, Ubuntu 22.04, Fedora 36 and later): ' +
      `its unwinder finds frames with _dl_find_object, which takes no lock. The C++ compiler does not decide this, the libgcc that unwinds at run time does.${statically}`,
    copy: 'FROM debian:bookworm',
  }
}

function isNewGlibc(glibc: string | null): boolean {
  const version = /^\d+(\.\d+)*/.exec(glibc ?? '')?.[0]
  return (
    version !== undefined && validate(version) && compareVersions(version, LOCK_FREE_GLIBC) >= 0
  )
}

function symbolizerAdvice(context: DiagnosisContext): Advice {
  const module = context.toolchain?.symbolizer?.module
  const now = module === undefined ? 'the symbolizer' : module
  return {
    text:
      `If the base must stay: replace ${now} by one whose signal handler does not enter libgcc's unwinder, such as nsrip-dd/cgotraceback, ` +
      'which walks the stack with tables that it builds at start (libraries opened later are unknown to it).',
    copy: SAFE_SYMBOLIZER_LINES,
  }
}

function guardAdvice(): Advice {
  return {
    text:
      'If base and symbolizer must stay (glibc only): load the guard, a small preload that keeps signals out of the unwinder’s look-ups, its lock and its ' +
      'cache alike, at two system calls a look-up. Its source is one file, native/guard/guard.c of this action’s repository (OWNER is who owns that); ' +
      'mitigation: guard proves on this very toolchain that it holds.',
    copy: GUARD_LINES,
  }
}

function stopgapAdvice(): Advice {
  return {
    text:
      'Until then, build without a symbolizer: profiles lose their C frames, and the handler stops unwinding. Switching only the CPU profiler off is not ' +
      'enough, because SIGURG, SIGCHLD and any other handled signal do the same; GODEBUG=asyncpreemptoff=1 does not help against SIGPROF.',
    copy: null,
  }
}

/** What to do about a handler that calls something which is not async-signal-safe. */
export function handlerAdvice(called: string, signal: string): Advice[] {
  const known = /^SIG[A-Z0-9]+$/.test(signal) ? signal : 'SIGPROF'
  return [
    {
      text: `Do not call ${called} from a signal handler: only async-signal-safe functions may be called there (see signal-safety(7)). Let the handler only set a flag or write a byte to a pipe, and do the work in a normal thread.`,
      copy: 'static volatile sig_atomic_t pending;\nstatic void on_signal(int sig) { (void)sig; pending = 1; }',
    },
    {
      text: 'If the handler must do it, keep the signal away from the code that holds the lock.',
      copy: `sigset_t set;\nsigemptyset(&set);\nsigaddset(&set, ${known});\npthread_sigmask(SIG_BLOCK, &set, NULL);\n/* … the code that takes the lock … */\npthread_sigmask(SIG_UNBLOCK, &set, NULL);`,
    },
  ]
}
