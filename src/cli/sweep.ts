import { untilCancelled } from '../cancel.js'
import { scrubEnvironment } from '../environment.js'
import { ConfigurationError, errorMessage } from '../errors.js'
import type { Debugger } from '../experiment/dump.js'
import { findGdb } from '../host/gdb.js'
import { cacheFolders, findNativePrograms } from '../host/native.js'
import { explainRefusal, foreseeRefusal, ownCommandLine } from '../host/ptrace.js'
import { sweepOnHost } from '../host/sweep.js'
import type { HostSweepPlan, SweepSubject } from '../host/sweep.js'
import { FUNCTION } from '../inputs/forms.js'
import { matching, oneOf, optional, signals, wholeNumber } from '../inputs/parsers.js'
import type { Logger } from '../log.js'
import { sweptText } from '../report/terminal.js'
import { exitCodeOf } from './exit-code.js'
import { makeConsoleLogger } from './log.js'
import { terminalStyle } from './terminal.js'

/** The largest id that Linux gives (include/linux/threads.h, PID_MAX_LIMIT) */
const PID_MAX = 4_194_304
/** As many as native/sweep takes. */
const AVOIDED_MAX = 16

export interface SweepFlags {
  readonly pid?: string
  readonly signals: string
  readonly sweepFunction: string
  readonly observe?: string
  readonly avoid: readonly string[]
  readonly expect: string
  readonly map?: boolean
  readonly json?: boolean
  readonly verbose?: boolean
}

/**
 * `cgo-deadlock sweep -- CMD ARGS` and `cgo-deadlock sweep --pid PID`: a signal at every instruction of a function, in any
 * program on this host.
 */
export async function sweepFromCommandLine(
  words: readonly string[],
  flags: SweepFlags,
): Promise<void> {
  const plan = readPlan(words, flags)
  requireMachine(plan.subject)
  const env = scrubEnvironment(process.env)
  const log = makeConsoleLogger({ verbose: flags.verbose === true, quiet: flags.json === true })
  await untilCancelled(async (signal) => {
    const gdb = await findGdbOrSay(env, log, signal)
    const folders = cacheFolders(process.env)
    const programs = await findNativePrograms({ env, folders, log, signal })
    const { result, process: failed } = await sweepOnHost(plan, { programs, gdb, env, log, signal })
    log.stop()
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify(result)}\n`
        : sweptText(result, failed, terminalStyle()),
    )
    process.exitCode = exitCodeOf(result)
  })
}

function readPlan(words: readonly string[], flags: SweepFlags): HostSweepPlan {
  const avoid = flags.avoid.map((name) => matching('avoid', name, FUNCTION))
  if (avoid.length > AVOIDED_MAX)
    throw new ConfigurationError(
      `--avoid is given ${avoid.length} times, and ${AVOIDED_MAX} functions at most can be left out.`,
    )
  const subject = readSubject(words, flags.pid)
  if (flags.map === true && 'pid' in subject)
    throw new ConfigurationError(
      'There is --map beside --pid. A map goes on behind each failure on a fresh process, so give the command to start: sweep --map -- ./program --flag',
    )
  return {
    subject,
    settings: {
      function: matching('sweep-function', flags.sweepFunction, FUNCTION),
      signals: signals('signals', flags.signals),
      observe: optional('observe', flags.observe ?? '', FUNCTION),
      avoid,
    },
    map: flags.map === true,
    expect: oneOf('expect', flags.expect, ['no-deadlock', 'deadlock', 'any']),
    output: flags.verbose === true ? process.stderr : null,
  }
}

function readSubject(words: readonly string[], pid: string | undefined): SweepSubject {
  const id = wholeNumber('pid', pid ?? '', 1, PID_MAX)
  const [command, ...args] = words
  if ((id === undefined) === (command === undefined))
    throw new ConfigurationError(
      `There is ${id === undefined ? 'nothing to sweep' : 'a command beside --pid'}. ` +
        'Give either a command after --, such as: sweep -- ./program --flag; or a process that runs already: sweep --pid PID',
    )
  if (id !== undefined) return { pid: id }
  return { command: [command ?? '', ...args] }
}

/** @throws ConfigurationError where no sweep is possible, whatever the program */
function requireMachine(subject: SweepSubject): void {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new ConfigurationError(
      `A sweep needs Linux on x86-64, and this is ${process.platform} on ${process.arch}. There \`watch\` shows what a natural run shows.`,
    )
  const refused = 'command' in subject ? foreseeRefusal() : null
  if (refused !== null) throw new ConfigurationError(explainRefusal(refused, ownCommandLine()))
}

/** gdb explains a failure; the sweep finds it without. */
async function findGdbOrSay(
  env: Readonly<Record<string, string>>,
  log: Logger,
  signal: AbortSignal,
): Promise<Debugger | null> {
  try {
    return await findGdb(env, signal)
  } catch (thrown) {
    signal.throwIfAborted()
    if (!(thrown instanceof ConfigurationError)) throw thrown
    log.warning(`A failure will be told without stacks: ${errorMessage(thrown)}`)
    return null
  }
}
