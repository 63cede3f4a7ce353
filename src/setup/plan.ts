import { ConfigurationError } from '../errors.js'
import type { HostFacts, Step, Wanted } from './facts.js'

type Install = Extract<Step, { kind: 'install' }>

/**
 * Debian 13 split the client and buildx off docker.io; Debian 11 and 12 have a client with BuildKit built in. Where
 * Docker's own package source is set up, its packages come first: the distribution's would clash with them.
 */
const CLIENT: Wanted = { anyOf: ['docker-ce-cli', 'docker-cli'], optional: true }
const BUILDX = ['docker-buildx-plugin', 'docker-buildx'] as const
const ENGINE_PACKAGES: Install = {
  kind: 'install',
  purpose: 'a container engine',
  packages: [
    { anyOf: ['docker-ce', 'docker.io'] },
    CLIENT,
    { anyOf: BUILDX, optional: true },
    { anyOf: ['ca-certificates'] },
  ],
}
const BUILDER_PACKAGES: Install = {
  kind: 'install',
  purpose: 'a docker client that speaks BuildKit',
  packages: [{ anyOf: [...BUILDX, 'docker.io'] }],
}

/**
 * What is to do on a machine before images can be built and run on it, in order; nothing when all is there. After the
 * steps the facts are read again, since some show only then (a daemon must answer before an image can be pulled).
 * @throws ConfigurationError when something is missing that can't be had by steps of ours: says what, and how to get it
 */
export function planSetup(facts: HostFacts): Step[] {
  if (facts.engine === null) return planEngine(facts)
  return [
    ...(facts.engine.builds ? [] : [allowed(facts, BUILDER_PACKAGES)]),
    ...(facts.mmdebstrap || facts.missingBases.length === 0 ? [] : [planBootstrap(facts)]),
  ]
}

/** What a step brings, in words: `a container engine (packages docker.io, ca-certificates)`. */
export function describeStep(step: Step): string {
  if (step.kind === 'start-daemon') return 'a running Docker daemon'
  return `${step.purpose} (packages ${packageNames(step).join(', ')})`
}

function planEngine(facts: HostFacts): Step[] {
  if (facts.dockerHost !== undefined) {
    throw new ConfigurationError(
      `DOCKER_HOST is ${facts.dockerHost}, and no engine answers there. ${facts.engineSays} ` +
        'Start the daemon at that address, or correct or unset DOCKER_HOST.',
    )
  }
  if (/permission denied/i.test(facts.engineSays)) {
    throw new ConfigurationError(
      `Docker is here, but this user may not use it. ${facts.engineSays} ` +
        'Run this as root, or let the user in: `sudo usermod -aG docker "$USER"`, then log in again.',
    )
  }
  if (facts.client && facts.daemon) {
    if (facts.root) return [{ kind: 'start-daemon' }]
    throw new ConfigurationError(
      `Docker is installed, but its daemon does not answer. ${facts.engineSays} ` +
        'Start it as root: `sudo systemctl start docker` or `sudo service docker start`.',
    )
  }
  return [allowed(facts, ENGINE_PACKAGES), { kind: 'start-daemon' }]
}

function planBootstrap(facts: HostFacts): Install {
  const bases = facts.missingBases.join(', ')
  return allowed(facts, {
    kind: 'install',
    purpose: `a way to make ${bases}, which can't be pulled`,
    packages: [{ anyOf: ['mmdebstrap'] }, { anyOf: ['debian-archive-keyring'] }],
  })
}

/** The step itself, if this user may install and this system has apt. */
function allowed(facts: HostFacts, step: Install): Install {
  if (facts.apt && facts.root) return step
  const reason = facts.engineSays === '' ? '' : ` ${facts.engineSays}`
  if (facts.apt) {
    throw new ConfigurationError(
      `Missing: ${step.purpose}.${reason} Installing it needs root. Run this again as root with set-up on ` +
        `(\`sudo cgo-deadlock setup\`), or: \`sudo apt-get install ${packageNames(step).join(' ')}\`.`,
    )
  }
  throw new ConfigurationError(
    `Missing: ${step.purpose}.${reason} It can be installed for you on Debian and Ubuntu only, and this is ` +
      `${facts.system}. Install it by your system's own means (https://docs.docker.com/engine/install/), then run this again.`,
  )
}

/** The plainest name of each package that must be had. */
function packageNames(step: Install): (string | undefined)[] {
  return step.packages
    .filter((wanted) => wanted.optional !== true)
    .map((wanted) => wanted.anyOf.at(-1))
}
