import { untilCancelled } from '../cancel.js'
import { scrubEnvironment } from '../environment.js'
import { ConfigurationError } from '../errors.js'
import { hopeForCore } from '../host/core-hope.js'
import { findGdb, WHERE_SCRIPT } from '../host/gdb.js'
import { explainRefusal, foreseeRefusal, ownCommandLine } from '../host/ptrace.js'
import { runOnHost } from '../host/run.js'
import type { HostPlan } from '../host/run.js'
import { makePcReader } from '../host/where.js'
import { duration, oneOf } from '../inputs/parsers.js'
import { bareRunText } from '../report/terminal.js'
import { exitCodeOf } from './exit-code.js'
import { makeConsoleLogger } from './log.js'
import { terminalStyle } from './terminal.js'

export interface WatchFlags {
  readonly stallTimeout: string
  readonly duration?: string
  readonly expect: string
  readonly json?: boolean
  readonly verbose?: boolean
}

/**
 * `cgo-deadlock watch -- CMD ARGS`: any command on this host under the watch. Its output goes where ours goes, as it
 * comes; with `--json` to standard error, since standard output is then for the result alone.
 */
export async function watchFromCommandLine(
  words: readonly string[],
  flags: WatchFlags,
): Promise<void> {
  const limits = readLimits(flags)
  const refused = foreseeRefusal()
  if (refused !== null) throw new ConfigurationError(explainRefusal(refused, ownCommandLine()))
  const env = scrubEnvironment(process.env)
  const log = makeConsoleLogger({
    verbose: flags.verbose === true,
    quiet: flags.verbose !== true,
  })
  await untilCancelled(async (cancelled) => {
    const signal = AbortSignal.any([cancelled, untilUnread()])
    const gdb = await findGdb(env, signal)
    const [command = '', ...args] = words
    const plan: HostPlan = {
      ...limits,
      command: {
        ...{ command, args },
        // The user's own command gets the user's own environment.
        env: process.env,
        // A program that is not in the terminal's foreground would be stopped for reading from it.
        stdin: process.stdin.isTTY ? 'ignore' : 'inherit',
        stdout: flags.json === true ? process.stderr : process.stdout,
        stderr: process.stderr,
        pcs: makePcReader({ script: WHERE_SCRIPT, env }),
      },
      cores: await hopeForCore(process.cwd(), env),
    }
    const { result, process: stopped } = await runOnHost(plan, { gdb, log, signal })
    log.stop()
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify(result)}\n`
        : `\n${bareRunText(result, stopped, terminalStyle())}`,
    )
    process.exitCode = exitCodeOf(result)
  })
}

/** Aborts when nobody reads our output any more, as behind `| head`. */
function untilUnread(): AbortSignal {
  const controller = new AbortController()
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', () => controller.abort())
  return controller.signal
}

function readLimits(flags: WatchFlags): Pick<HostPlan, 'durationMs' | 'stallTimeoutMs' | 'expect'> {
  return {
    durationMs:
      flags.duration === undefined
        ? Infinity
        : duration('duration', flags.duration, '500ms', '24h'),
    stallTimeoutMs:
      flags.stallTimeout === 'off'
        ? 0
        : duration('stall-timeout', flags.stallTimeout, '500ms', '24h'),
    expect: oneOf('expect', flags.expect, ['no-deadlock', 'deadlock', 'any']),
  }
}
