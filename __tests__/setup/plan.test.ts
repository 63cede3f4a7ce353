import { expect, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import type { HostFacts, Step } from '../../src/setup/facts.js'
import { describeStep, planSetup } from '../../src/setup/plan.js'

const BARE: HostFacts = {
  system: 'Debian GNU/Linux 12 (bookworm)',
  apt: true,
  root: true,
  dockerHost: undefined,
  client: false,
  daemon: false,
  engine: null,
  engineSays: 'docker: not installed. podman: not installed.',
  mmdebstrap: false,
  missingBases: [],
}
const WITH_DOCKER: HostFacts = {
  ...BARE,
  client: true,
  daemon: true,
  engine: { name: 'docker', builds: true },
  engineSays: '',
}

/** The names that would be tried for each package of the step, and which may be left out. */
function packagesOf(step: Step | undefined): string[] {
  if (step?.kind !== 'install') return []
  return step.packages.map((one) => one.anyOf.join('|') + (one.optional === true ? '?' : ''))
}

function refusal(facts: HostFacts): string {
  try {
    planSetup(facts)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
  }
  throw new Error('planned without an objection')
}

test.each(['Debian GNU/Linux 12 (bookworm)', 'Ubuntu 24.04.3 LTS'])(
  'a bare %s: engine, client, builder and certificates, then the daemon',
  (system) => {
    const steps = planSetup({ ...BARE, system })
    expect(steps.map((step) => step.kind)).toEqual(['install', 'start-daemon'])
    expect(packagesOf(steps[0])).toEqual([
      'docker-ce|docker.io',
      'docker-ce-cli|docker-cli?',
      'docker-buildx-plugin|docker-buildx?',
      'ca-certificates',
    ])
    expect(steps.map(describeStep)).toEqual([
      'a container engine (packages docker.io, ca-certificates)',
      'a running Docker daemon',
    ])
  },
)

test('where Docker answers and builds there is nothing to do, root or not, Debian or not', () => {
  expect(planSetup(WITH_DOCKER)).toEqual([])
  expect(planSetup({ ...WITH_DOCKER, root: false, apt: false })).toEqual([])
})

test('where podman answers there is nothing to do', () => {
  expect(planSetup({ ...BARE, engine: { name: 'podman', builds: true } })).toEqual([])
})

test('a client without a daemon: the engine is installed and started', () => {
  const steps = planSetup({ ...BARE, client: true })
  expect(steps.map((step) => step.kind)).toEqual(['install', 'start-daemon'])
})

test('an installed daemon that does not run is only started', () => {
  expect(planSetup({ ...BARE, client: true, daemon: true })).toEqual([{ kind: 'start-daemon' }])
})

test('a client without BuildKit: buildx, or where none is offered the client of docker.io', () => {
  const steps = planSetup({ ...WITH_DOCKER, engine: { name: 'docker', builds: false } })
  expect(steps).toHaveLength(1)
  expect(packagesOf(steps[0])).toEqual(['docker-buildx-plugin|docker-buildx|docker.io'])
})

test('mmdebstrap is installed only for a base that is neither here nor can be pulled', () => {
  const steps = planSetup({ ...WITH_DOCKER, missingBases: ['debian:bullseye'] })
  expect(packagesOf(steps[0])).toEqual(['mmdebstrap', 'debian-archive-keyring'])
  expect(steps.map(describeStep).join()).toContain('debian:bullseye')
  expect(
    planSetup({ ...WITH_DOCKER, missingBases: ['debian:bullseye'], mmdebstrap: true }),
  ).toEqual([])
})

test('without root it says what is missing and both ways to get it', () => {
  const message = refusal({ ...BARE, root: false })
  expect(message).toContain('Missing: a container engine')
  expect(message).toContain('docker: not installed.')
  expect(message).toContain('needs root')
  expect(message).toContain('sudo apt-get install docker.io ca-certificates')
})

test('without root a daemon that is installed but down is for the user to start', () => {
  const message = refusal({ ...BARE, root: false, client: true, daemon: true })
  expect(message).toContain('does not answer')
  expect(message).toContain('sudo systemctl start docker')
})

test('a user who may not use the socket is told how to be let in', () => {
  const message = refusal({
    ...BARE,
    root: false,
    client: true,
    daemon: true,
    engineSays: 'docker: permission denied while trying to connect to the Docker daemon socket.',
  })
  expect(message).toContain('usermod -aG docker')
})

test('on a system without apt it names the system and where to look', () => {
  const message = refusal({ ...BARE, apt: false, system: 'Fedora Linux 44' })
  expect(message).toContain('Fedora Linux 44')
  expect(message).toContain('https://docs.docker.com/engine/install/')
})

test('without root a missing way to make a base is refused too, naming the base', () => {
  const message = refusal({ ...WITH_DOCKER, root: false, missingBases: ['debian:bullseye'] })
  expect(message).toContain('debian:bullseye')
  expect(message).toContain('sudo apt-get install mmdebstrap debian-archive-keyring')
})

test('a dead DOCKER_HOST is named, and nothing is installed beside it', () => {
  const message = refusal({ ...BARE, client: true, dockerHost: 'tcp://10.0.0.9:2375' })
  expect(message).toContain('DOCKER_HOST is tcp://10.0.0.9:2375')
  expect(message).toContain('unset DOCKER_HOST')
})
