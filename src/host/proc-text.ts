import type { FutexWait } from '../watch/types.js'

/** How far a thread has come. Nanoseconds are exact for 104 days of CPU time. */
export interface Progress {
  readonly runNs: number
  /** Time ready to run while no core was free; 0 where the kernel does not say */
  readonly waitNs: number
  readonly switches: number
}

/** Where a thread is, as far as the kernel tells without stopping it. */
export interface Place {
  /** System call number; null when it is in none, or running */
  readonly syscall: number | null
  readonly futex: FutexWait | null
  readonly pc: string | null
  readonly sp: string | null
}

/** What `status` says of a thread or process. */
export interface Status {
  readonly name: string
  /** State letter: R, S, D, T, t, Z, X */
  readonly state: string
  /** Real user id, -1 when not told */
  readonly uid: number
  /** Process that traces it, 0 for none */
  readonly tracer: number
  /** `SigBlk` as `0x…` */
  readonly blocked: string | null
  readonly switches: number
}

/** `86394118 1236731 42` → CPU time and waiting time in ns, switches (proc_pid_schedstat in fs/proc/base.c). */
export function parseSchedstat(text: string): Progress | null {
  const match = /^(\d+) (\d+) (\d+)\s*$/.exec(text)
  if (match === null) return null
  const [runNs = 0, waitNs = 0, switches = 0] = match.slice(1).map(Number)
  return { runNs, waitNs, switches }
}

/**
 * Parent, CPU ticks and threads from `stat`; the name is in brackets and may itself hold brackets, blanks and line ends
 * (do_task_stat in fs/proc/array.c). `42 (a b) c) S 1 …` → parent 1.
 */
export function parseStat(text: string): { state: string; ppid: number; ticks: number } | null {
  const [state, ...rest] = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(' ')
  const numbers = rest.map(Number)
  const [ppid, user, system] = [numbers[0], numbers[10], numbers[11]]
  if (state === undefined || ppid === undefined || user === undefined || system === undefined)
    return null
  return Number.isInteger(ppid) ? { state, ppid, ticks: user + system } : null
}

/** Reads `status`; the name's line ends and backslashes come escaped (proc_task_name in fs/proc/array.c). */
export function parseStatus(text: string): Status {
  const fields = new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf(':\t')
      return [line.slice(0, at), line.slice(at + 2)] as const
    }),
  )
  const number = (key: string): number => Number.parseInt(fields.get(key) ?? '', 10)
  const blocked = fields.get('SigBlk')
  return {
    name: (fields.get('Name') ?? '').replaceAll(/\\(.)/g, (_all, escaped: string) =>
      escaped === 'n' ? '\n' : escaped,
    ),
    state: fields.get('State')?.[0] ?? '?',
    uid: number('Uid') || (fields.has('Uid') ? 0 : -1),
    tracer: number('TracerPid') || 0,
    blocked: blocked === undefined ? null : `0x${BigInt(`0x${blocked}`).toString(16)}`,
    switches:
      (number('voluntary_ctxt_switches') || 0) + (number('nonvoluntary_ctxt_switches') || 0),
  }
}

/** Number of the futex system call (asm/unistd.h); undefined where it is not known. */
const FUTEX_CALL: Readonly<Partial<Record<string, number>>> = { x64: 202, arm64: 98 }
/** All but FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME (linux/futex.h) */
const FUTEX_COMMAND = ~(128 | 256)
/** FUTEX_WAIT, FUTEX_LOCK_PI, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2 */
const WAITS = new Set([0, 6, 9, 11, 13])

/**
 * Reads `syscall`: `running`, or `-1 sp pc`, or a number, six arguments, sp and pc (proc_pid_syscall in fs/proc/base.c).
 * @param architecture as `process.arch` names it
 */
export function parseSyscall(text: string, architecture: string): Place {
  const words = text.trim().split(' ')
  const number = Number.parseInt(words[0] ?? '', 10)
  if (!Number.isInteger(number)) return { syscall: null, futex: null, pc: null, sp: null }
  const [sp = null, pc = null] = words.slice(-2)
  const placed = words.length > 2 && pc !== '0x0'
  const inside = number >= 0
  return {
    syscall: inside ? number : null,
    futex: inside && number === FUTEX_CALL[architecture] ? decodeFutex(words.slice(1, 7)) : null,
    pc: placed ? pc : null,
    sp: placed ? sp : null,
  }
}

function decodeFutex([address, op, value, timeout]: readonly string[]): FutexWait | null {
  const command = Number(op) & FUTEX_COMMAND
  if (address === undefined || timeout === undefined || !WAITS.has(command)) return null
  return {
    address,
    op: command,
    value: Number(BigInt.asUintN(32, BigInt(value ?? 0))),
    timed: timeout !== '0x0',
  }
}

/** A stretch of a process's memory; `file` is a path, `[heap]`, `[stack]`, or null for anonymous memory. */
export interface Mapping {
  readonly from: bigint
  readonly to: bigint
  readonly offset: bigint
  readonly file: string | null
}

/** Reads `maps`: `7f40851a0000-7f40851c6000 r-xp 00022000 fe:00 1234   /usr/lib/libc.so.6`. */
export function parseMaps(text: string): Mapping[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) \S+ \d+ *(.*)$/.exec(line)
    if (match === null) return []
    const [from, to, offset] = match.slice(1, 4).map((digits) => BigInt(`0x${digits}`))
    if (from === undefined || to === undefined || offset === undefined) return []
    return [{ from, to, offset, file: match[4] === '' ? null : (match[4] ?? null) }]
  })
}

/** The mapping that an address lies in; the list is in order, as the kernel gives it. */
export function findMapping(maps: readonly Mapping[], address: string): Mapping | null {
  const at = BigInt(address)
  let [low, high] = [0, maps.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((maps[middle]?.to ?? 0n) <= at) low = middle + 1
    else high = middle
  }
  const found = maps[low]
  return found !== undefined && found.from <= at ? found : null
}
