import type { ThreadObservation } from '../watch/types.js'

/** A process as a debugger, a core or a posted dump shows it. Everything that could not be read is absent or in `unread`. */
export interface StoppedProcess {
  readonly pid: number | null
  readonly executable: string | null
  readonly threads: readonly Thread[]
  readonly locks: readonly Lock[]
  readonly libraries: readonly Library[]
  /** The signal that stopped it (crash, abort), if any */
  readonly signal: {
    readonly number: number | null
    readonly name: string
    readonly lwp: number | null
  } | null
  /** gdb's version as it printed it */
  readonly gdb: string | null
  /** What could not be read or understood, in plain words */
  readonly unread: readonly string[]
}

export interface Thread {
  /** gdb's thread number; null when the dump has none */
  readonly number: number | null
  readonly lwp: number | null
  /** pthread id as printed, `0x7f…` */
  readonly pthread: string | null
  readonly name: string | null
  /** Innermost first */
  readonly frames: readonly Frame[]
  /** What it waits for, decoded from its registers and memory or from the frames' arguments */
  readonly wait: Wait | null
  /** What `/proc` said of it, when it was watched live */
  readonly observed: ThreadObservation | null
  /** Register name → hex value, when the dump has them */
  readonly registers: Readonly<Record<string, string>> | null
}

export interface Frame {
  readonly level: number
  readonly pc: string | null
  /** Without arguments; null for `??` */
  readonly function: string | null
  readonly args: string | null
  readonly file: string | null
  readonly line: number | null
  /** Shared object it lies in, when printed or looked up */
  readonly library: string | null
  /** `<signal handler called>` */
  readonly signalFrame: boolean
  /** True when inlined into the next frame */
  readonly inlined: boolean
  /** Why the stack ends here although gdb printed more (asmcgocall) or less (truncated, corrupt) */
  readonly cut: string | null
  /** On a signal frame: the signal, as its siginfo on the stack says; absent where that was not read */
  readonly signal?: FrameSignal
  /**
   * Address of the lock that this frame takes, releases or waits for: from its arguments, or, for the frame that a
   * signal interrupted, from a register that holds the very address this thread waits for. Matches `Lock.address`.
   */
  readonly lock?: string
}

export interface FrameSignal {
  readonly number: number
  readonly name: string
  /** `si_code`: 0 sent by kill, -6 by tgkill, -2 by a timer, 128 by the kernel */
  readonly code: number
}

/** What a thread waits for. */
export interface Wait {
  /** `unknown` when only a bare futex word or a system call is known */
  readonly kind:
    | 'mutex'
    | 'rwlock-read'
    | 'rwlock-write'
    | 'condvar'
    | 'semaphore'
    | 'barrier'
    | 'join'
    | 'once'
    | 'malloc-arena'
    | 'stdio'
    | 'loader'
    | 'low-level-lock'
    | 'go-runtime'
    | 'poll'
    | 'sleep'
    | 'io'
    | 'unknown'
  /** Address of the lock object or futex word, `0x…`; matches `Lock.address` */
  readonly address: string | null
  /** Timed waits end by themselves */
  readonly timed: boolean
  /** For a join: the LWP waited for */
  readonly lwp: number | null
  /** How this is known, e.g. `futex system call, rdi` or `argument of __pthread_mutex_lock` */
  readonly evidence: string
}

export interface Lock {
  readonly address: string
  /** Nearest symbol, e.g. `_rtld_global+2352`, or a field such as `_rtld_global._dl_load_lock` */
  readonly symbol: string | null
  /** Library the symbol or address lies in */
  readonly library: string | null
  /** e.g. `recursive mutex`, `normal mutex`, `robust mutex`, `rwlock`, `semaphore`, `futex word` */
  readonly kind: string
  /** The loader's load lock (`_dl_load_lock`) or write lock (`_dl_load_write_lock`), malloc arena, stdio… if identified */
  readonly role:
    'loader-write-lock' | 'loader-load-lock' | 'malloc-arena' | 'stdio' | 'go-runtime' | null
  /** The lock word: 0 free, 1 taken, 2 taken with waiters for a mutex */
  readonly word: number | null
  /** TID of the owner; 0 for none recorded */
  readonly owner: number | null
  /** Recursion count */
  readonly count: number | null
  /** Mutex: `__nusers`; rwlock: readers that hold it; semaphore: threads that wait */
  readonly users: number | null
  /** True where layout or kind was inferred and not read from debug information or known offsets */
  readonly guessed: boolean
}

export interface Library {
  readonly path: string
  readonly from: string | null
  readonly to: string | null
  readonly symbols: boolean
}
