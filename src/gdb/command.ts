/** What gdb is to look at, and how much of it. */
export interface DumpPlan {
  /** A live process, or a core with the program that made it. */
  readonly target:
    { readonly pid: number } | { readonly core: string; readonly executable: string | null }
  /** Where the target's files are seen from gdb; a live process has `/proc/PID/root` by default, `''` for none. */
  readonly sysroot?: string
  /** Path of `native/gdb/dump.py` as gdb sees it. */
  readonly script: string
  /** `quick` confirms a suspicion: threads, backtraces and locks only. */
  readonly mode: 'quick' | 'full'
  /** Innermost frames kept for each thread; 128 when absent. */
  readonly frames?: number
  /** Time for the dump proper, without the user's commands (10 s each); 20 when absent. */
  readonly seconds?: number
  /** LWPs to look at before all others. */
  readonly first?: readonly number[]
  /** The user's gdb commands, run last. They may fail; that is kept and stops nothing. */
  readonly commands?: readonly string[]
  /** Lets the program run until one of these signals is about to reach it, at most this long; `gate`: the gate holds it still (so by default). */
  readonly hold?: {
    readonly signals: readonly string[]
    readonly seconds: number
    readonly gate?: boolean
  }
  /** Lets gdb download debug information. */
  readonly debuginfod?: boolean
}

/**
 * Settings that must hold before gdb touches the target: nothing of it is loaded as a script or called. An empty search
 * path for libthread_db would mean gdb's default (gdb/linux-thread-db.c), hence a folder that is not there.
 */
export const SETTINGS = [
  'set auto-load off',
  'set auto-load safe-path',
  'set libthread-db-search-path /nonexistent',
  'set may-call-functions off',
  'set disable-randomization off',
  'set pagination off',
  'set confirm off',
  'set width 0',
  'set height 0',
  'set style enabled off',
  'set print elements 64',
  'set print thread-events off',
  'set language c',
]

/**
 * The arguments of `gdb` for a dump. Its real stdout then carries the protocol of `native/gdb/dump.py`, its stderr what
 * gdb itself says. Nothing passes through a shell.
 */
export function gdbArguments(plan: DumpPlan): string[] {
  const sysroot = plan.sysroot ?? ('pid' in plan.target ? `/proc/${plan.target.pid}/root` : '')
  const settings = [
    `set debuginfod enabled ${plan.debuginfod === true ? 'on' : 'off'}`,
    ...SETTINGS,
    `set sysroot ${sysroot}`,
    setupPython(plan, sysroot),
  ]
  const core =
    'core' in plan.target
      ? [
          `--core=${plan.target.core}`,
          ...(plan.target.executable === null ? [] : [plan.target.executable]),
        ]
      : []
  return [
    '--batch',
    '-nx',
    ...settings.flatMap((setting) => ['-iex', setting]),
    '-x',
    plan.script,
    ...core,
  ]
}

/** One line of Python: keeps the real stdout for the protocol and hands the script its options. */
function setupPython(plan: DumpPlan, sysroot: string): string {
  const options = {
    ...plan.target,
    mode: plan.mode,
    sysroot,
    frames: plan.frames ?? 128,
    seconds: plan.seconds ?? 20,
    first: plan.first ?? [],
    commands: plan.commands ?? [],
    hold: plan.hold ?? null,
  }
  const literal = asciiJson(asciiJson(options))
  return `python import os, json; OUTPUT = os.dup(1); os.dup2(2, 1); OPTIONS = json.loads(${literal})`
}

/** JSON in ASCII only; of a string it is also a Python literal of the same string. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
