import { readFile } from 'node:fs/promises'
import { lookForEngine } from '../engine.js'
import type { Engine } from '../engine.js'
import { runCommand } from '../exec.js'
import { isOnPath } from '../programs.js'
import type { HostFacts } from './facts.js'

const DEFAULT_DOCKER_HOST = /^unix:\/\/(\/var)?\/run\/docker\.sock$/
const INSPECT_MS = 20_000
const PULL_MS = 180_000
const DEBIAN_BASE = /(^|\/)debian:/

export interface ReadOptions {
  readonly env: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Only this engine will do; undefined: whichever answers */
  readonly engine?: 'docker' | 'podman'
  /** Base images that will be needed */
  readonly bases: readonly string[]
}

/** Reads what `planSetup` decides on. Changes nothing but that it pulls bases which are missing and can be pulled. */
export async function readHost(options: ReadOptions): Promise<HostFacts> {
  const { env } = options
  const [system, apt, client, daemon, mmdebstrap, engine] = await Promise.all([
    readFile('/etc/os-release', 'utf8').then(parseSystem, () => UNKNOWN_SYSTEM),
    isOnPath('apt-get', env),
    isOnPath('docker', env),
    isOnPath('dockerd', env),
    isOnPath('mmdebstrap', env),
    lookForEngine(options.engine, env),
  ])
  const found = typeof engine === 'string' ? null : engine
  const dockerHost = env['DOCKER_HOST'] ?? ''
  return {
    system: system.name,
    apt: apt && system.debianLike,
    root: process.getuid?.() === 0,
    dockerHost: dockerHost === '' || DEFAULT_DOCKER_HOST.test(dockerHost) ? undefined : dockerHost,
    client,
    daemon,
    engine: found === null ? null : { name: found.name, builds: found.build !== null },
    engineSays: typeof engine === 'string' ? engine : '',
    mmdebstrap,
    missingBases: found === null || mmdebstrap ? [] : await missingBases(found, options),
  }
}

const UNKNOWN_SYSTEM = { name: 'an unknown system', debianLike: false }

/** Name and family of a system from its os-release file (os-release(5)): `ID=ubuntu`, `ID_LIKE=debian`. */
export function parseSystem(osRelease: string): { name: string; debianLike: boolean } {
  const lines = osRelease.matchAll(/^([A-Z_]+)=(["']?)(.*)\2$/gm)
  const fields = new Map([...lines].map(([, key, , value]) => [key, value]))
  const family = [fields.get('ID'), ...(fields.get('ID_LIKE') ?? '').split(' ')]
  return {
    name: fields.get('PRETTY_NAME') ?? fields.get('NAME') ?? UNKNOWN_SYSTEM.name,
    debianLike: family.includes('debian') || family.includes('ubuntu'),
  }
}

async function missingBases(engine: Engine, options: ReadOptions): Promise<string[]> {
  const missing: string[] = []
  for (const base of options.bases) {
    if (DEBIAN_BASE.test(base) && !(await canHave(base, engine, options))) missing.push(base)
  }
  return missing
}

async function canHave(base: string, engine: Engine, options: ReadOptions): Promise<boolean> {
  const common = {
    env: options.env,
    allowFailure: true,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }
  const here = await runCommand(engine.command, ['image', 'inspect', base], {
    ...common,
    deadlineMs: INSPECT_MS,
  })
  if (here.exitCode === 0) return true
  const pulled = await runCommand(engine.command, ['pull', '--quiet', base], {
    ...common,
    deadlineMs: PULL_MS,
  })
  return pulled.exitCode === 0
}
