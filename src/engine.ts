import { compareVersions } from 'compare-versions'
import { ConfigurationError } from './errors.js'
import { runCommand } from './exec.js'
import { findOnPath } from './programs.js'

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
  /** The daemon's own builder, where the client is buildx and can choose among builders */
  readonly builder: string | null
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
  args: ['build', '--format', 'docker', '--jobs', '4'],
  env: {},
  builder: null,
}

/** buildx with one of its builders; the image ends up in the daemon whatever builder made it. */
export function buildxClient(command: string, builder: string): BuildClient {
  const args = ['buildx', 'build', '--builder', builder, '--load', '--progress', 'plain']
  return { command, args, env: {}, builder }
}

/**
 * buildx where the client has it, else any docker client on the PATH with BuildKit built in. Clients from 18.09 to 22
 * carry it; later ones need the buildx plugin (moby release notes 18.09 and 23.0).
 */
export async function findBuildKitClient(
  env: Readonly<Record<string, string>>,
): Promise<BuildClient | null> {
  const clients = await findOnPath('docker', env)
  for (const command of clients) {
    if (await hasBuildx(command, env)) {
      return buildxClient(command, await daemonBuilder(command, env))
    }
  }
  for (const command of clients) {
    if (await hasBuiltInBuildKit(command, env)) {
      const args = ['build', '--progress', 'plain']
      return { command, args, env: { DOCKER_BUILDKIT: '1' }, builder: null }
    }
  }
  return null
}

async function hasBuildx(command: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  const probe = await runCommand(command, ['buildx', 'version'], {
    env,
    deadlineMs: PROBE_MS,
    allowFailure: true,
  })
  return probe.exitCode === 0
}

/**
 * The builder inside the daemon that containers run on; buildx gives it the name of the client's context. Another one may be set as
 * current (docker/setup-buildx-action does so): it runs in a container of its own and does not see the daemon's images.
 */
async function daemonBuilder(
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const context = await runCommand(command, ['context', 'show'], {
    env,
    deadlineMs: PROBE_MS,
    allowFailure: true,
  })
  const name = context.stdout.trim()
  return context.exitCode === 0 && name !== '' ? name : 'default'
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
