import pRetry from 'p-retry'
import { CommandError, ConfigurationError } from '../errors.js'
import { runCommand } from '../exec.js'
import type { Logger } from '../log.js'
import type { Wanted } from './facts.js'

const UPDATE_MS = 300_000
const INSTALL_MS = 900_000
const POLICY_MS = 60_000
const RETRIES = 4
const FIRST_RETRY_MS = 5_000

/** What apt gets besides the caller's environment: no questions, no restarts of services, messages that we can read. */
const APT_ENVIRONMENT = {
  DEBIAN_FRONTEND: 'noninteractive',
  NEEDRESTART_SUSPEND: '1',
  LC_ALL: 'C.UTF-8',
}
const APT_OPTIONS = [
  ...['-o', 'DPkg::Lock::Timeout=120'],
  ...['-o', 'Acquire::Retries=3'],
  ...['-o', 'Acquire::http::Timeout=60'],
]
/** A network that fails for a moment, or another apt at work (the lock of the lists has no waiting time of its own). */
const PASSING =
  /could not get lock|unable to lock|failed to fetch|temporary failure|hash sum mismatch|timed? ?out|connection/i

export interface HostAccess {
  readonly log: Logger
  readonly env: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Wait before the second try of apt; doubles with each further one. Default 5 s */
  readonly firstRetryMs?: number
}

/**
 * Installs packages with apt-get, without recommended ones and without removing any; says which before it does.
 * @throws ConfigurationError when apt offers none of the names wanted; CommandError when apt fails
 */
export async function installPackages(
  wanted: readonly Wanted[],
  access: HostAccess,
): Promise<readonly string[]> {
  access.log.info('Reading the lists of packages (apt-get update).')
  await runApt(['update'], UPDATE_MS, access)
  const policy = await runCommand('apt-cache', ['policy', ...wanted.flatMap((one) => one.anyOf)], {
    ...commandOptions(access),
    deadlineMs: POLICY_MS,
  })
  const chosen = choosePackages(wanted, parseOffered(policy.stdout))
  access.log.info(`Installing with apt-get: ${chosen.join(', ')}.`)
  const arguments_ = ['install', '--yes', '--no-install-recommends', '--no-remove', ...chosen]
  await runApt(arguments_, INSTALL_MS, access)
  return chosen
}

/**
 * The first offered name of each package wanted.
 * @throws ConfigurationError that names what is not offered
 */
export function choosePackages(
  wanted: readonly Wanted[],
  offered: ReadonlySet<string>,
): readonly string[] {
  return wanted.flatMap((one) => {
    const name = one.anyOf.find((candidate) => offered.has(candidate))
    if (name !== undefined) return [name]
    if (one.optional === true) return []
    throw new ConfigurationError(
      `apt offers no package named ${one.anyOf.join(' or ')}. Check that a package source is set up ` +
        'in /etc/apt and can be reached (`apt-get update` says so; on Ubuntu, `universe` must be on), then run this again.',
    )
  })
}

/**
 * The packages that can be installed, from what `apt-cache policy` prints:
 *
 *     docker-cli:
 *       Installed: (none)
 *       Candidate: 26.1.5+dfsg1-9   → offered; `(none)` or no entry at all: not
 */
export function parseOffered(policy: string): Set<string> {
  const entries = policy.matchAll(/^(\S+):\n(?: .*\n)*? {2}Candidate: (\S+)/gm)
  return new Set(
    [...entries].flatMap(([, name, version]) => (version === '(none)' ? [] : (name ?? []))),
  )
}

async function runApt(
  arguments_: readonly string[],
  deadlineMs: number,
  access: HostAccess,
): Promise<void> {
  access.log.progress(`apt-get ${arguments_[0] ?? ''}`)
  await pRetry(
    () =>
      runCommand('apt-get', [...APT_OPTIONS, ...arguments_], {
        ...commandOptions(access),
        deadlineMs,
      }),
    {
      retries: RETRIES,
      minTimeout: access.firstRetryMs ?? FIRST_RETRY_MS,
      ...(access.signal === undefined ? {} : { signal: access.signal }),
      shouldRetry: ({ error }) =>
        error instanceof CommandError &&
        !error.failure.timedOut &&
        PASSING.test(error.failure.stderrTail),
      onFailedAttempt: ({ error, retriesLeft }) =>
        access.log.debug(`${error.message} (${retriesLeft} more tries)`),
    },
  )
}

function commandOptions(access: HostAccess): { env: Record<string, string>; signal?: AbortSignal } {
  return {
    env: { ...access.env, ...APT_ENVIRONMENT },
    ...(access.signal === undefined ? {} : { signal: access.signal }),
  }
}
