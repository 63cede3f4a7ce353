import { toolPath, startInside } from '../container/containers.js'
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
const LINE_BYTES = 16 * 1024 * 1024
const GDB_LOG_BYTES = 256 * 1024

/** Raw lines of the dump protocol, and what gdb itself said. */
export interface RawDump {
  readonly lines: readonly string[]
  readonly gdbLog: string
  /** Why it is not complete, in plain words; null when gdb ended well */
  readonly trouble: string | null
}

export interface DumpRequest {
  readonly pid: number
  readonly mode: DumpPlan['mode']
  readonly first: readonly number[]
  readonly commands: readonly string[]
}

/**
 * Runs gdb in the sidecar on one process of the target. Never throws and never hangs: whatever came before a deadline
 * or a failure is kept.
 */
export async function takeDump(session: Session, request: DumpRequest): Promise<RawDump> {
  const seconds = request.mode === 'quick' ? QUICK_SECONDS : FULL_SECONDS
  const limit = seconds + MARGIN_SECONDS + COMMAND_SECONDS * request.commands.length
  const lines: string[] = []
  const log = makeRing(GDB_LOG_BYTES / 2, GDB_LOG_BYTES / 2)
  const addChunk = splitLines(LINE_BYTES, (line) => lines.push(line))
  const gdb = gdbArguments({
    target: { pid: request.pid },
    script: toolPath('gdb', 'dump.py'),
    mode: request.mode,
    seconds,
    first: request.first,
    commands: request.commands,
  })
  // `timeout` inside: ending the engine's client does not end what it started in the container.
  const command = ['timeout', '-s', 'KILL', String(limit), 'gdb', ...gdb]
  const running = startInside(session.host, session.sidecar, command, {
    deadlineMs: (limit + 5) * 1000,
    onOutput: (chunk, stream) => {
      if (stream === 'stdout') addChunk(chunk)
      else log.add(chunk)
    },
  })
  const ended = await running.finished
  const trouble =
    ended.exitCode === 0
      ? null
      : ended.exitCode === 137 || ended.timedOut
        ? `gdb was ended after ${limit} s without an answer`
        : `gdb ended with code ${ended.exitCode ?? '?'}: ${ended.stderrTail.trim().split('\n').at(-1) ?? ''}`
  return { lines, gdbLog: log.text(), trouble }
}
