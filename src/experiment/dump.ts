import { toolPath, startInside } from '../container/containers.js'
import type { Host } from '../container/containers.js'
import type { Running, StartOptions } from '../exec.js'
import { gdbArguments } from '../gdb/command.js'
import type { DumpPlan } from '../gdb/command.js'
import { makeRing } from '../ring.js'
import { splitLines } from './lines.js'
import type { Session } from './session.js'

/** Beyond the time that the dump script allows itself: for attaching and for the client. */
const MARGIN_SECONDS = 15
const QUICK_SECONDS = 15
const FULL_SECONDS = 45
const COMMAND_SECONDS = 10
const LAST_LINE = '{"section":"end"'
/**
 * gdb has this long to leave after its last line. A process that dies as soon as gdb lets it go takes the sidecar along,
 * and the engine's client may then wait for a gdb that is no more (seen with Docker 20.10).
 */
const LEAVE_MS = 3_000
const LINE_BYTES = 16 * 1024 * 1024
const GDB_LOG_BYTES = 256 * 1024

/** The sidecar holds the capability, so what is left is a filter of the engine's (seccomp, AppArmor) or of the kernel's. */
const REFUSED =
  'The container engine or the kernel refuses ptrace, which gdb needs: allow it in the engine’s seccomp profile (the default one of ' +
  'Docker 19.03 and newer does, on Linux 4.8 and newer), and see that kernel.yama.ptrace_scope is not 3.'

/** Raw lines of the dump protocol, and what gdb itself said. */
export interface RawDump {
  readonly lines: readonly string[]
  readonly gdbLog: string
  /** Why it is not complete, in plain words; null when gdb ended well */
  readonly trouble: string | null
}

/** A gdb somewhere: in the sidecar, or on this host. */
export interface Debugger {
  /** Where it finds `native/gdb/dump.py` */
  readonly script: string
  /** Starts it; it must be gone after `limitSeconds` */
  start(
    args: readonly string[],
    limitSeconds: number,
    options: Pick<StartOptions, 'onOutput'>,
  ): Running
  /** Why it may not look into a process, and what would help; null where that is not known */
  readonly explainRefusal?: (pid: number) => string | null
}

export interface DumpRequest extends Pick<DumpPlan, 'target' | 'sysroot' | 'hold'> {
  readonly mode: DumpPlan['mode']
  readonly first: readonly number[]
  readonly commands: readonly string[]
}

/**
 * Runs gdb on one process, or on a core. Never throws and never hangs: whatever came before a deadline or a failure is
 * kept.
 */
export async function takeDump(gdb: Debugger, request: DumpRequest): Promise<RawDump> {
  const seconds = request.mode === 'quick' ? QUICK_SECONDS : FULL_SECONDS
  const held = request.hold?.seconds ?? 0
  const limit = held + seconds + MARGIN_SECONDS + COMMAND_SECONDS * request.commands.length
  const lines: string[] = []
  const log = makeRing(GDB_LOG_BYTES / 2, GDB_LOG_BYTES / 2)
  let stopLate: NodeJS.Timeout | undefined
  const addChunk = splitLines(LINE_BYTES, (line) => {
    lines.push(line)
    if (line.startsWith(LAST_LINE)) stopLate = setTimeout(() => running.stop(), LEAVE_MS)
  })
  const args = gdbArguments({ ...request, script: gdb.script, seconds })
  const running = gdb.start(args, limit, {
    onOutput: (chunk, stream) => {
      if (stream === 'stdout') addChunk(chunk)
      else log.add(chunk)
    },
  })
  const ended = await running.finished
  clearTimeout(stopLate)
  const trouble =
    ended.exitCode === 0 || stopLate !== undefined
      ? null
      : ended.exitCode === 137 || ended.timedOut
        ? `gdb was ended from outside, at the latest after ${limit} s`
        : `gdb ended with code ${ended.exitCode ?? '?'}: ${ended.stderrTail.trim().split('\n').at(-1) ?? ''}`
  return { lines, gdbLog: log.text(), trouble }
}

/** The gdb of a session's sidecar. */
export function gdbInSidecar({ host, sidecar }: Session): Debugger {
  return gdbInContainer(host, sidecar)
}

/** The gdb of a container of ours. */
export function gdbInContainer(host: Host, sidecar: string): Debugger {
  return {
    script: toolPath('gdb', 'dump.py'),
    start: (args, limitSeconds, options) => {
      // `timeout` inside: ending the engine's client does not end what it started in the container.
      const command = ['timeout', '-s', 'KILL', String(limitSeconds), 'gdb', ...args]
      const deadlineMs = (limitSeconds + 5) * 1000
      return startInside(host, sidecar, command, { ...options, deadlineMs })
    },
    explainRefusal: () => REFUSED,
  }
}
