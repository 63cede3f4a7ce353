import { join } from 'node:path'
import { compareVersions } from 'compare-versions'
import { ConfigurationError } from '../errors.js'
import { runCommand, startCommand } from '../exec.js'
import type { Debugger } from '../experiment/dump.js'
import { TOOL_FOLDER } from '../toolchain/symbolizer.js'
import { explainRefusal, ownCommandLine, readPtraceFacts } from './ptrace.js'

const PROBE_MS = 30_000
const OLDEST = '10.0'
const HOW_TO_GET =
  'Install it: sudo apt-get install gdb (Debian, Ubuntu), sudo dnf install gdb (Fedora, RHEL), apk add gdb (Alpine).'

/** Where the script that tells program counters lies, see `makePcReader`. */
export const WHERE_SCRIPT = join(TOOL_FOLDER, 'native', 'host', 'where.py')

/**
 * The gdb of this host, tried out.
 * @param signal ends a gdb under way
 * @throws ConfigurationError when there is none, it is too old or has no Python; the message says how to get one
 */
export async function findGdb(
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Debugger> {
  const probe = ['--batch', '-nx', '-ex', 'python print(gdb.VERSION)']
  const options = { env, signal, deadlineMs: PROBE_MS, allowFailure: true }
  const { stdout, stderr, startError, timedOut } = await runCommand('gdb', probe, options)
  signal.throwIfAborted()
  if (startError === 'ENOENT')
    throw new ConfigurationError(`gdb is not on the PATH, and it reads the stacks. ${HOW_TO_GET}`)
  if (timedOut || startError !== undefined)
    throw new ConfigurationError(`gdb does not answer (${startError ?? `${PROBE_MS / 1000} s`}).`)
  const version = /^(?:.*? )?(\d+\.\d+)/.exec(stdout.trim())?.[1]
  if (version === undefined)
    throw new ConfigurationError(
      `gdb on the PATH has no Python (${stderr.trim().split('\n').at(-1) ?? ''}), which is needed to read locks. ${HOW_TO_GET}`,
    )
  if (compareVersions(version, OLDEST) < 0)
    throw new ConfigurationError(`gdb on the PATH is ${version}; 10 or newer is needed.`)
  return makeDebugger(env, signal)
}

function makeDebugger(env: Readonly<Record<string, string>>, signal: AbortSignal): Debugger {
  return {
    script: join(TOOL_FOLDER, 'native', 'gdb', 'dump.py'),
    start: (args, limitSeconds, options) =>
      startCommand('gdb', args, { ...options, env, signal, deadlineMs: limitSeconds * 1000 }),
    explainRefusal: (pid) => {
      const facts = readPtraceFacts(pid)
      return facts === null ? null : explainRefusal(facts, ownCommandLine())
    },
  }
}
