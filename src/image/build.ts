import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BuildClient, Engine } from '../engine.js'
import type { CacheService } from '../environment.js'
import { CommandError, ConfigurationError } from '../errors.js'
import type { Logger } from '../log.js'
import type { BuiltToolchain, ToolchainPlan } from '../toolchain/types.js'
import { verifyBuilt } from '../toolchain/verify.js'
import { ensureBase, inspectId } from './base.js'
import type { BaseDeps, PresentBase } from './base.js'
import { makeBuildLog } from './build-log.js'
import { makeContext } from './context.js'
import type { Context, Modules } from './context.js'
import { reproducerJob, toolsJob } from './jobs.js'
import type { Job } from './jobs.js'
import { findLayerCache } from './layer-cache.js'
import type { LayerCache } from './layer-cache.js'
import { DEBIAN_STABLE } from './names.js'
import { readBuilt, readGdb } from './read-built.js'
import { writeSecrets } from './secrets.js'
import { buildOne } from './build-one.js'
import type { BuildTools } from './build-one.js'

/** What a build needs of the world. */
export interface BuildDeps {
  readonly engine: Engine
  /** Scrubbed environment of every child */
  readonly env: Readonly<Record<string, string>>
  readonly log: Logger
  readonly signal?: AbortSignal | undefined
  /** Folder that keeps build.log */
  readonly workFolder: string
  readonly imageRegistry: string | undefined
  readonly aptMirror: string | undefined
  /** Also prints each build's output, its last 64 KiB, once it has ended; build.log has all of it either way */
  readonly showOutput?: boolean
  /** Where layers may be kept between jobs */
  readonly cacheService?: CacheService | undefined
}

/** Images by name, and what they are really made of. */
export interface BuiltImages {
  readonly reproducer: string
  readonly tools: string
  readonly built: BuiltToolchain
  readonly buildLogPath: string
}

/**
 * Builds the program's image and the tools' image, side by side; images made of the same inputs before are used again.
 * @throws ConfigurationError when nothing here can build or a base can't be had, CommandError with the last lines of the build's output
 *   when it fails, Error when what was built contradicts what was asked
 */
export async function buildImages(plan: ToolchainPlan, deps: BuildDeps): Promise<BuiltImages> {
  return withWorkshop(deps, modulesOf(plan), async (workshop) => {
    const [base, debian] = await Promise.all([
      workshop.base(plan.baseImage),
      workshop.base(DEBIAN_STABLE),
    ])
    const tools = toolsJob(workshop.context, debian)
    const reproducer = reproducerJob(plan, workshop.context, base, debian)
    await workshop.build([tools, reproducer])
    const built = await readBuilt({ ...deps, reproducer: reproducer.tag, tools: tools.tag })
    const contradictions = verifyBuilt(plan, built)
    if (contradictions.length > 0) {
      throw new Error(`What was built is not what was asked for. ${contradictions.join(' ')}`)
    }
    return {
      reproducer: reproducer.tag,
      tools: tools.tag,
      built,
      buildLogPath: workshop.buildLogPath,
    }
  })
}

/** Builds the tools' image alone, to watch an image of the user's own. Errors as `buildImages`. */
export async function buildTools(
  deps: BuildDeps,
): Promise<{ tools: string; gdb: string | null; buildLogPath: string }> {
  return withWorkshop(deps, {}, async (workshop) => {
    const tools = toolsJob(workshop.context, await workshop.base(DEBIAN_STABLE))
    await workshop.build([tools])
    return {
      tools: tools.tag,
      gdb: await readGdb(deps, tools.tag),
      buildLogPath: workshop.buildLogPath,
    }
  })
}

interface Workshop {
  readonly context: Context
  readonly buildLogPath: string
  base(image: string): Promise<PresentBase>
  build(jobs: readonly Job[]): Promise<void>
}

async function withWorkshop<T>(
  deps: BuildDeps,
  modules: Modules,
  work: (workshop: Workshop) => Promise<T>,
): Promise<T> {
  const client = requireClient(deps.engine)
  const folder = await mkdtemp(join(tmpdir(), 'cgo-deadlock-build-'))
  const buildLogPath = join(deps.workFolder, 'build.log')
  const buildLog = makeBuildLog(buildLogPath)
  const bases = new Map<string, Promise<PresentBase>>()
  const baseDeps: BaseDeps = { ...deps, folder }
  try {
    const context = await makeContext(join(folder, 'context'), modules, deps.log)
    const secrets = await writeSecrets(join(folder, 'secrets'), deps.env, deps.aptMirror)
    return await work({
      context,
      buildLogPath,
      base: (image) => {
        const known = bases.get(image) ?? ensureBase(image, baseDeps)
        bases.set(image, known)
        return known
      },
      build: (jobs) => buildAll(jobs, { deps, client, context, secrets, buildLog }),
    })
  } finally {
    const failure = await buildLog.close()
    if (failure !== null) deps.log.warning(`build.log could not be written: ${failure}`)
    await rm(folder, { recursive: true, force: true })
  }
}

function requireClient(engine: Engine): BuildClient {
  if (engine.build !== null) return engine.build
  throw new ConfigurationError(
    `${engine.command} here can't build with BuildKit: its client has no buildx plugin, and none with BuildKit built in is on the PATH. ` +
      'Install the package docker-buildx (Debian 13 and newer, Ubuntu), docker-buildx-plugin (from Docker) or docker.io (Debian 11 and 12).',
  )
}

function modulesOf({ symbolizer, program }: ToolchainPlan): Modules {
  return {
    symbolizer: symbolizer.kind === 'local' ? symbolizer.directory : undefined,
    program: program?.module,
  }
}

type Workbench = Omit<BuildTools, 'layerCache'> & { readonly deps: BuildDeps }

/** BuildKit shares the stages of builds under way; podman would do the same work twice, so there one comes after the other. */
async function buildAll(jobs: readonly Job[], bench: Workbench): Promise<void> {
  const { deps, buildLog } = bench
  const missing: Job[] = []
  for (const job of jobs) {
    const there = job.reusable && (await inspectId(job.tag, deps)) !== undefined
    if (there) buildLog.line(`${job.target} | ${job.tag} was built before from the same inputs`)
    else missing.push(job)
  }
  if (missing.length === 0) return
  const tools = { ...bench, layerCache: await openLayerCache(deps) }
  if (deps.engine.name === 'podman') {
    for (const job of missing) await buildOne(job, tools, deps.signal)
    return
  }
  const stop = new AbortController()
  const signal =
    deps.signal === undefined ? stop.signal : AbortSignal.any([deps.signal, stop.signal])
  const builds = missing.map((job) =>
    buildOne(job, tools, signal).catch((error: unknown) => {
      stop.abort()
      throw error
    }),
  )
  // The first to fail has stopped the other, whose own end would say only that.
  const failures = (await Promise.allSettled(builds)).flatMap((build) =>
    build.status === 'rejected' ? [build.reason as unknown] : [],
  )
  const own = failures.find((error) => !(error instanceof CommandError && isStop(error)))
  if (failures.length > 0) throw own ?? failures[0]
}

async function openLayerCache(deps: BuildDeps): Promise<LayerCache | undefined> {
  if (deps.cacheService === undefined) return undefined
  const found = await findLayerCache(deps.cacheService, deps)
  if (typeof found !== 'string') return found
  deps.log.debug(`Layers are not kept between jobs. ${found}`)
  return undefined
}

function isStop(error: CommandError): boolean {
  return error.failure.exitCode === undefined && !error.failure.timedOut
}
