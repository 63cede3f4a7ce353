import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { compareVersions } from 'compare-versions'
import { ConfigurationError } from './errors.js'
import { runCommand } from './exec.js'

const PROBE_MS = 20_000

/** A container engine that answered, and how to build with it. */
export interface Engine {
  readonly name: 'docker' | 'podman'
  /** The client for everything but builds */
  readonly command: string
  /** The daemon's version (podman: its own) */
  readonly version: string
  /** How to build: client, arguments before the context's own, extra environment; null when nothing here speaks BuildKit */
  readonly build: BuildClient | null
}

export interface BuildClient {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/**
 * Finds the engine to use: the one wanted, else docker, else podman.
 * @throws ConfigurationError that says what was tried and how to get one
 */
export async function findEngine(
  wanted: 'docker' | 'podman' | undefined,
  env: Readonly<Record<string, string>>,
): Promise<Engine> {
  const found = await lookForEngine(wanted, env)
  if (typeof found !== 'string') return found
  throw new ConfigurationError(
    `No container engine answers. ${found} Install Docker (on Debian or Ubuntu: apt-get install docker.io) and start it, ` +
      'or set DOCKER_HOST to one that runs. As root on Debian or Ubuntu, `cgo-deadlock setup` does all of it.',
  )
}

/** Like `findEngine`, but where none answers, sentences that say why. */
export async function lookForEngine(
  wanted: 'docker' | 'podman' | undefined,
  env: Readonly<Record<string, string>>,
): Promise<Engine | string> {
  const tried: string[] = []
  for (const name of wanted === undefined ? (['docker', 'podman'] as const) : [wanted]) {
    const found = await probeEngine(name, env)
    if (typeof found !== 'string') return found
    tried.push(found)
  }
  return tried.join(' ')
}

/** The engine, or a sentence that says why it can't be used. */
async function probeEngine(
  name: 'docker' | 'podman',
  env: Readonly<Record<string, string>>,
): Promise<Engine | string> {
  const format = name === 'docker' ? '{{.Server.Version}}' : '{{.Client.Version}}'
  const probe = await runCommand(name, ['version', '--format', format], {
    env,
    deadlineMs: PROBE_MS,
    allowFailure: true,
  })
  if (probe.startError === 'ENOENT') return `${name}: not installed.`
  if (probe.timedOut) return `${name}: no answer within ${PROBE_MS / 1000} s.`
  if (probe.exitCode !== 0) return `${name}: ${probe.stderr.trim().split('\n').at(-1) ?? ''}`
  const build = name === 'podman' ? PODMAN_BUILD : await findBuildKitClient(env)
  return { name, command: name, version: probe.stdout.trim(), build }
}

const PODMAN_BUILD: BuildClient = {
  command: 'podman',
  args: ['build', '--format', 'docker'],
  env: {},
}

/**
 * buildx where the client has it, else any docker client on the PATH with BuildKit built in. Clients from 18.09 to 22
 * carry it; later ones need the buildx plugin (moby release notes 18.09 and 23.0).
 */
export async function findBuildKitClient(
  env: Readonly<Record<string, string>>,
): Promise<BuildClient | null> {
  for (const command of await dockerClients(env)) {
    if (await hasBuildx(command, env)) {
      return { command, args: ['buildx', 'build', '--load', '--progress', 'plain'], env: {} }
    }
  }
  for (const command of await dockerClients(env)) {
    if (await hasBuiltInBuildKit(command, env)) {
      return { command, args: ['build', '--progress', 'plain'], env: { DOCKER_BUILDKIT: '1' } }
    }
  }
  return null
}

async function dockerClients(env: Readonly<Record<string, string>>): Promise<string[]> {
  const folders = [...new Set((env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== ''))]
  const found: string[] = []
  for (const folder of folders) {
    const candidate = join(folder, 'docker')
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) found.push(candidate)
  }
  return found
}

async function hasBuildx(command: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  const probe = await runCommand(command, ['buildx', 'version'], {
    env,
    deadlineMs: PROBE_MS,
    allowFailure: true,
  })
  return probe.exitCode === 0
}

async function hasBuiltInBuildKit(
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  const probe = await runCommand(command, ['version', '--format', '{{.Client.Version}}'], {
    env,
    deadlineMs: PROBE_MS,
    allowFailure: true,
  })
  const version = /^(\d+\.\d+)/.exec(probe.stdout.trim())?.[1]
  return (
    version !== undefined &&
    compareVersions(version, '18.9') >= 0 &&
    compareVersions(version, '23.0') < 0
  )
}
