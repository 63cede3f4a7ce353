import { join } from 'node:path'
import { z } from 'zod'
import type { Engine } from '../engine.js'
import { ConfigurationError } from '../errors.js'
import { runCommand } from '../exec.js'
import type { Logger } from '../log.js'
import { isOnPath } from '../programs.js'
import { findBase } from '../toolchain/base.js'
import type { Base } from '../toolchain/catalog.js'
import { qualifyImage } from './names.js'

const INSPECT_MS = 30_000
const PULL_MS = 300_000
const BOOTSTRAP_MS = 600_000

const Digests = z.array(z.string()).nullable()

/** What getting a base image needs of the world. */
export interface BaseDeps {
  readonly engine: Engine
  readonly env: Readonly<Record<string, string>>
  readonly log: Logger
  readonly signal?: AbortSignal | undefined
  /** For large files while it works */
  readonly folder: string
  readonly imageRegistry: string | undefined
  readonly aptMirror: string | undefined
}

/** A base image that is present. */
export interface PresentBase {
  /** Its full name */
  readonly name: string
  /** The engine's content id */
  readonly id: string
}

/**
 * Makes sure that a base image is here: as it is, else pulled, else (Debian only) bootstrapped from packages under the same name.
 * @throws ConfigurationError when none of the three works, with what each said
 */
export async function ensureBase(image: string, deps: BaseDeps): Promise<PresentBase> {
  const name = qualifyImage(image, deps.imageRegistry)
  const present = await inspectId(name, deps)
  if (present !== undefined) return { name, id: present }
  deps.log.progress(`Pulling ${name}`)
  const pull = await runCommand(deps.engine.command, ['pull', '--quiet', name], {
    ...options(deps, PULL_MS),
    allowFailure: true,
  })
  deps.signal?.throwIfAborted()
  if (pull.exitCode !== 0) {
    const reason = pull.timedOut
      ? `no end within ${PULL_MS / 1000} s`
      : (pull.stderr.trim().split('\n').at(-1) ?? '')
    await bootstrap(image, name, reason, deps)
  }
  const id = await inspectId(name, deps)
  if (id === undefined)
    throw new ConfigurationError(`The base image ${name} is not there after all.`)
  return { name, id }
}

/**
 * Makes sure that an image of the user's own is here: under the name given (a local build has no registry), else pulled.
 * @returns the name to create a container from
 * @throws ConfigurationError when it is neither here nor can be pulled
 */
export async function ensureImage(image: string, deps: BaseDeps): Promise<string> {
  if ((await inspectId(image, deps)) !== undefined) return image
  return (await ensureBase(image, deps)).name
}

/** The engine's id of an image; undefined: it has none of that name. */
export async function inspectId(
  name: string,
  deps: Pick<BaseDeps, 'engine' | 'env' | 'signal'>,
): Promise<string | undefined> {
  const found = await runCommand(
    deps.engine.command,
    ['image', 'inspect', '--format', '{{.Id}}', name],
    { ...options(deps, INSPECT_MS), allowFailure: true },
  )
  return found.exitCode === 0 ? found.stdout.trim() : undefined
}

/** The digests under which registries have an image that is here, as the engine knows them: `debian@sha256:12…`. */
export async function inspectDigests(
  name: string,
  deps: Pick<BaseDeps, 'engine' | 'env' | 'signal'>,
): Promise<string[]> {
  const found = await runCommand(
    deps.engine.command,
    ['image', 'inspect', '--format', '{{json .RepoDigests}}', name],
    { ...options(deps, INSPECT_MS), allowFailure: true },
  )
  return found.exitCode === 0 ? (Digests.parse(JSON.parse(found.stdout)) ?? []) : []
}

async function bootstrap(
  image: string,
  name: string,
  reason: string,
  deps: BaseDeps,
): Promise<void> {
  const base = findBase(image)
  const refused = `The base image ${name} is not here and can't be pulled (${reason}).`
  if (base?.distribution !== 'debian') {
    throw new ConfigurationError(
      `${refused} Load it (docker load), set image-registry to a registry that has it, or choose a Debian base, which can be made from packages.`,
    )
  }
  if (!(await isOnPath('mmdebstrap', deps.env))) {
    throw new ConfigurationError(
      `${refused} It could be made from Debian's packages if mmdebstrap were installed (apt-get install mmdebstrap; \`cgo-deadlock setup\` does it), ` +
        'or set image-registry to a registry that has it.',
    )
  }
  deps.log.warning(`${refused} It is made from Debian's packages instead, under the same name.`)
  const archive = join(deps.folder, `${base.suite}.tar`)
  deps.log.progress(`Making ${name} from packages`)
  await runCommand(
    'mmdebstrap',
    bootstrapArguments(base, archive, deps.aptMirror),
    options(deps, BOOTSTRAP_MS),
  )
  await runCommand(
    deps.engine.command,
    ['import', '--change', 'CMD ["bash"]', archive, name],
    options(deps, BOOTSTRAP_MS),
  )
}

const MIRROR = 'http://deb.debian.org'

/**
 * Arguments of mmdebstrap for a small Debian. sid's Release file may be a little old on a mirror; mmdebstrap of Debian 12 does not know by
 * itself that sid's files lie in /usr. A retired suite comes from the archive. The image keeps Debian's own address whatever mirror it came from.
 */
export function bootstrapArguments(
  base: Base,
  archive: string,
  aptMirror: string | undefined,
): string[] {
  const root = aptMirror?.replace(/\/(debian)?\/*$/, '').replace(/\/debian$/, '') ?? MIRROR
  const mirror = base.suite === 'buster' ? base.archives[0]?.split(',')[0] : undefined
  const rolling = base.support === 'rolling'
  return [
    '--variant=minbase',
    ...(base.support === 'supported' ? [] : ['--aptopt=Acquire::Check-Valid-Until "false"']),
    ...(rolling ? ['--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr'] : []),
    `--customize-hook=echo "deb ${MIRROR}/debian ${base.suite} main" > "$1/etc/apt/sources.list"`,
    base.suite,
    archive,
    mirror ?? `${root}/debian`,
  ]
}

function options(
  deps: Pick<BaseDeps, 'env' | 'signal'>,
  deadlineMs: number,
): { env: Readonly<Record<string, string>>; deadlineMs: number; signal?: AbortSignal } {
  return {
    env: deps.env,
    deadlineMs,
    ...(deps.signal === undefined ? {} : { signal: deps.signal }),
  }
}
