import { ConfigurationError } from '../errors.js'
import { DEBIAN_STABLE, qualifyImage } from '../image/names.js'
import { installPackages } from './apt.js'
import type { HostAccess } from './apt.js'
import { startDaemon } from './daemon.js'
import type { HostFacts, Step } from './facts.js'
import { describeStep, planSetup } from './plan.js'
import { readHost } from './read-host.js'

/** The base of the sidecar image, which every run needs. */
const SIDECAR_BASE = qualifyImage(DEBIAN_STABLE, undefined)

export interface SetUpOptions extends HostAccess {
  /** May install packages and start the daemon; else only says what is missing */
  readonly installs: boolean
  /** Only this engine will do; undefined: whichever answers, and Docker where none does */
  readonly engine?: 'docker' | 'podman'
  /** Base images that will be needed, registry prefix and all; default: the sidecar's */
  readonly bases?: readonly string[]
}

/**
 * Makes this machine fit to build and run images: an engine that answers, a client with BuildKit, and mmdebstrap where
 * a Debian base is neither here nor can be pulled. On a machine that has all that it changes nothing. It says what it
 * installs before it does so, and leaves the daemon running.
 * @throws ConfigurationError that says what is missing and how to get it; CommandError when an installation fails
 */
export async function setUpHost(options: SetUpOptions): Promise<void> {
  const access: HostAccess = { ...options, env: withSystemFolders(options.env) }
  const reading = { ...access, ...options, env: access.env, bases: options.bases ?? [SIDECAR_BASE] }
  const done: string[] = []
  // Ends: the steps that can be missing are few, and none is tried twice.
  for (;;) {
    const facts = await readHost(reading)
    const steps = planSetup(facts)
    if (steps.length === 0) {
      access.log.info(describeHost(facts, done))
      return
    }
    const missing = steps.map(describeStep).join('; ')
    if (!options.installs) throw missingError(missing)
    if (done.includes(missing)) throw repeatedError(missing, facts)
    done.push(missing)
    access.log.info(`Missing here: ${missing}.`)
    for (const step of steps) await applyStep(step, access)
  }
}

async function applyStep(step: Step, access: HostAccess): Promise<void> {
  if (step.kind === 'start-daemon') await startDaemon(access)
  else await installPackages(step.packages, access)
}

/** Debian keeps dockerd in /usr/sbin, which `su` without `-` leaves off the PATH. */
function withSystemFolders(env: Readonly<Record<string, string>>): Record<string, string> {
  return { ...env, PATH: [env['PATH'], '/usr/sbin', '/sbin'].filter(Boolean).join(':') }
}

function describeHost(facts: HostFacts, done: readonly string[]): string {
  const engine = facts.engine?.name ?? 'no engine'
  return done.length === 0
    ? `Nothing to set up: ${engine} answers and can build.`
    : `Set-up done: ${engine} answers and can build.`
}

function missingError(missing: string): ConfigurationError {
  return new ConfigurationError(
    `Missing here: ${missing}. As root on Debian or Ubuntu, \`cgo-deadlock setup\` installs and starts it.`,
  )
}

function repeatedError(missing: string, facts: HostFacts): ConfigurationError {
  return new ConfigurationError(
    `Set-up went through, but this is missing still: ${missing}. ${facts.engineSays}`.trim(),
  )
}
