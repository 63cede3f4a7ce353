import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host } from '../src/container/containers.js'
import type { BuildClient, Engine } from '../src/engine.js'
import { findEngine } from '../src/engine.js'
import { scrubEnvironment } from '../src/environment.js'
import { ConfigurationError } from '../src/errors.js'
import { runCommand } from '../src/exec.js'
import type { CellDeps } from '../src/experiment/deps.js'
import { ensureBase } from '../src/image/base.js'
import { DEBIAN_STABLE, qualifyImage } from '../src/image/names.js'
import { SILENT } from '../src/log.js'
import type { Logger } from '../src/log.js'

const LABEL = 'cgo-deadlock.bench'
const BULLSEYE = 'debian:bullseye'
const COMMAND_MS = 120_000

/** An engine that can build. */
export type BuildingEngine = Engine & { readonly build: BuildClient }

/** Where a bench works: an engine, a folder of its own, and images that nobody else uses or misses. */
export interface Workplace {
  readonly id: string
  readonly host: Host & { readonly engine: BuildingEngine }
  readonly deps: CellDeps
  readonly folder: string
  /**
   * Gives the base images another registry's name, so that what is built on them has a name of its own too: it is not
   * there yet, and removing it takes nothing from anybody.
   * @returns that registry, for the input image-registry
   */
  nameBases(): Promise<string>
  say(line: string): void
}

/**
 * Gives `work` a workplace. Every image made there is gone afterwards; what the engine keeps to build faster is left
 * to the engine.
 * @throws ConfigurationError when there is no Docker here, or none that can build
 */
export async function withWorkplace(
  signal: AbortSignal,
  say: (line: string) => void,
  work: (workplace: Workplace) => Promise<void>,
): Promise<void> {
  const env = scrubEnvironment(process.env)
  const found = await findEngine('docker', env)
  const id = randomBytes(4).toString('hex')
  const engine = { ...found, build: labelled(found, `${LABEL}=${id}`) }
  const folder = await mkdtemp(join(tmpdir(), 'cgo-deadlock-bench-'))
  const log: Logger = { ...SILENT, warning: (message) => say(`  warning: ${message}`) }
  const workplace = { id, host: { engine, env }, deps: { env, log, signal }, folder, say }
  const named: string[] = []
  try {
    await work({ ...workplace, nameBases: () => nameBases(workplace, named) })
  } finally {
    await removeImages({ engine, env }, `${LABEL}=${id}`, named)
    await rm(folder, { recursive: true, force: true })
  }
}

function labelled({ build }: Engine, label: string): BuildClient {
  if (build === null) {
    throw new ConfigurationError(
      'The docker client here cannot build with BuildKit; `cgo-deadlock setup` installs one that can.',
    )
  }
  return { ...build, args: [...build.args, '--label', label] }
}

async function nameBases(
  workplace: Omit<Workplace, 'nameBases'>,
  named: string[],
): Promise<string> {
  const { host, deps, folder, id } = workplace
  const registry = `cgo-deadlock-bench-${id}-${named.length}.invalid`
  const base = { ...host, ...deps, folder, imageRegistry: undefined, aptMirror: undefined }
  for (const image of [BULLSEYE, DEBIAN_STABLE]) {
    const { name } = await ensureBase(image, base)
    const alias = qualifyImage(image, registry)
    await runCommand(host.engine.command, ['tag', name, alias], { ...host, deadlineMs: COMMAND_MS })
    named.push(alias)
  }
  return registry
}

async function removeImages(host: Host, label: string, named: readonly string[]): Promise<void> {
  const options = { env: host.env, deadlineMs: COMMAND_MS, allowFailure: true }
  const list = ['image', 'ls', '--quiet', '--no-trunc', '--filter', `label=${label}`]
  const { stdout } = await runCommand(host.engine.command, list, options)
  const ids = [...new Set(stdout.split('\n').filter((line) => line !== ''))]
  for (const image of [...ids, ...named]) {
    await runCommand(host.engine.command, ['image', 'rm', '--force', image], options)
  }
}
