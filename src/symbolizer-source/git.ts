import { ConfigurationError } from '../errors.js'
import { runCommand } from '../exec.js'

const GIT_MS = 120_000

/** No hook, no helper that watches files, no question to a terminal, and no lock on the user's index. */
const QUIET_OPTIONS = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false']
const QUIET_ENV = { GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' }

/** What git needs of the world. */
export interface GitDeps {
  /** Scrubbed environment; see `scrubEnvironment` */
  readonly env: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/**
 * Runs git in a folder, to its end.
 * @param settings variables such as GIT_INDEX_FILE
 * @returns what it printed, and null where it said no
 * @throws ConfigurationError where there is no git; CommandError past the deadline
 */
export async function askGit(
  folder: string,
  args: readonly string[],
  deps: GitDeps,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly text: string | null; readonly complaint: string }> {
  const { exitCode, stdout, stderr, startError, timedOut } = await runCommand(
    'git',
    ['-C', folder, ...QUIET_OPTIONS, ...args],
    {
      env: { ...deps.env, ...QUIET_ENV, ...settings },
      deadlineMs: GIT_MS,
      allowFailure: true,
      ...(deps.signal === undefined ? {} : { signal: deps.signal }),
    },
  )
  deps.signal?.throwIfAborted()
  if (startError === 'ENOENT') {
    throw new ConfigurationError('git is not on the PATH. Install it to compare revisions.')
  }
  const complaint = timedOut ? `no answer within ${GIT_MS / 1000} s` : stderr.trim()
  return { text: exitCode === 0 ? stdout : null, complaint }
}
