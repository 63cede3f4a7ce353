/**
 * What the sampler (native/progress) prints: one JSON object a line. `t` is milliseconds on the monotonic clock since
 * the sampler's start; `cpu` is milliseconds of CPU time used since the thread began, `waited` milliseconds in which it
 * was ready to run and had no core; `switches` counts context switches. Addresses are `0x…` strings. Ids are those of the
 * target's pid namespace.
 */
export type SamplerEvent =
  | { event: 'hello'; t: number; version: 1; interval: number }
  /** At first sight, and again when it became another program */
  | {
      event: 'process'
      t: number
      pid: number
      ppid: number
      /** Short name, `/proc/PID/comm`; hostile text */
      name: string
      exe: string | null
      uid: number
      /** True when the process has our named counters object */
      counters: boolean
    }
  /** Its threads have ended with it */
  | { event: 'process-end'; t: number; pid: number }
  /** At first sight, and again when it took another name */
  | { event: 'thread'; t: number; pid: number; tid: number; name: string }
  | { event: 'thread-end'; t: number; pid: number; tid: number }
  /** One a tick and process; `moved` lists only new threads and those whose CPU time or switches changed: [tid, cpu, waited, switches] */
  | {
      event: 'tick'
      t: number
      pid: number
      threads: number
      moved: [number, number, number, number][]
    }
  /** Once when a thread was found unmoved on two ticks in a row; it holds until the thread appears in `moved` */
  | {
      event: 'still'
      t: number
      pid: number
      tid: number
      /** `/proc` state letter: S, D, T, t, Z, R */
      state: string
      /** System call number, or null when not in one or not readable */
      syscall: number | null
      futex: FutexWait | null
      pc: string | null
      sp: string | null
      /** Hex mask from `SigBlk` */
      blocked: string | null
      /** File that the pc lies in, if mapped from one */
      pcFile: string | null
      /** File that the futex word lies in (`[heap]`, `[stack]`, a path), if known */
      futexFile: string | null
    }
  /** Every tick for threads that ran, or were ready to, for 80 % of the last second and did not throw in it: where they are now */
  | {
      event: 'pc'
      t: number
      pid: number
      tid: number
      pc: string
      file: string | null
      offset: string | null
    }
  /** Every tick for a process with the counters object: one entry for each thread that ever threw */
  | {
      event: 'counters'
      t: number
      pid: number
      threads: ThreadCounters[]
      /** Thread that reached std::terminate and was kept for the dump, else 0 */
      terminated: number
    }
  /** The answers to `pause` and `resume`: between them the sampler touches nothing, and what moved then is not told */
  | { event: 'paused'; t: number }
  | { event: 'resumed'; t: number }
  /** Something could not be read; the sampler goes on */
  | { event: 'trouble'; t: number; pid: number | null; message: string }

export interface FutexWait {
  readonly address: string
  /** FUTEX_WAIT = 0, FUTEX_LOCK_PI = 6, FUTEX_WAIT_BITSET = 9, FUTEX_LOCK_PI2 = 13; private and clock flags removed */
  readonly op: number
  readonly value: number
  /** True when the wait has a timeout */
  readonly timed: boolean
}

export interface ThreadCounters {
  readonly tid: number
  readonly throws: number
  /** Signals whose handler entered the C traceback on this thread */
  readonly signals: number
  /** Tracebacks from a handler that came back */
  readonly unwinds: number
  /** Of the signals, those that arrived between a throw and its catch */
  readonly exposures: number
}

/** What is known of one thread from outside, without stopping it. */
export interface ThreadObservation {
  readonly pid: number
  readonly tid: number
  readonly name: string
  readonly state: string | null
  readonly futex: FutexWait | null
  readonly futexFile: string | null
  readonly pc: string | null
  readonly pcFile: string | null
  /** Hex signal mask, null when not read */
  readonly blocked: string | null
  /** Milliseconds that it had not moved for at the time of the observation; 0 when it moved */
  readonly stillMs: number
  readonly cpuMs: number
  /** It was seen running; a thread that mostly sleeps may take less than a millisecond of CPU time in all */
  readonly ran: boolean
  /** Share of the last second that it ran or was ready to, 0 to 1: 1 for a thread that never sleeps, however few the cores */
  readonly cpuShare: number
  /** The last pcs sampled while it burnt CPU, oldest first, at most 20 */
  readonly pcSamples: readonly {
    readonly pc: string
    readonly file: string | null
    readonly offset: string | null
  }[]
  readonly counters: ThreadCounters | null
  /** Milliseconds that its throw counter had stood still for; null without counters */
  readonly throwsStillMs: number | null
}

/** What happened when, for the report. */
export interface Moment {
  /** Milliseconds since the target's start */
  readonly atMs: number
  /** A few plain words */
  readonly what: string
}

/** Why a run ended. Times are milliseconds since the target's start, on the monotonic clock. */
export type Ending =
  | { readonly reason: 'silent'; readonly atMs: number; readonly silentMs: number }
  | {
      /** A dump confirmed what the threads' progress suggested */
      readonly reason: 'confirmed'
      readonly atMs: number
      readonly suspicion: Suspicion
    }
  | {
      readonly reason: 'exited'
      readonly atMs: number
      readonly code: number | null
      readonly signal: string | null
      readonly oomKilled: boolean
    }
  | { readonly reason: 'duration'; readonly atMs: number }
  | { readonly reason: 'cancelled'; readonly atMs: number }
  /** The watch itself was lost (sampler killed twice, daemon gone) */
  | { readonly reason: 'lost'; readonly atMs: number; readonly detail: string }

/** Why a dump was asked for while the run goes on. */
export interface Suspicion {
  readonly kind: 'stuck' | 'spinning' | 'terminated'
  readonly pid: number
  readonly tids: readonly number[]
  /** When it was raised, ms since the target's start */
  readonly atMs: number
  /** When the thread last moved (stuck) or last threw (spinning), ms since the target's start */
  readonly sinceMs: number
}
