import type { BuildClient, Engine } from '../engine.js'
import { CommandError } from '../errors.js'
import { startCommand } from '../exec.js'
import type { Finished } from '../exec.js'
import type { Logger } from '../log.js'
import { buildArguments, proxyArguments } from './arguments.js'
import type { Secret } from './arguments.js'
import { inspectDigests, inspectId } from './base.js'
import type { BuildLog } from './build-log.js'
import { describeFailure } from './failure.js'
import { layerScope } from './jobs.js'
import type { Job } from './jobs.js'
import type { LayerCache } from './layer-cache.js'
import { registryName } from './names.js'
import { describeStage } from './stages.js'

const BUILD_MS = 20 * 60_000
/** A build with the layer cache gets less, so that after a service that hangs there is time for one without */
const CACHED_BUILD_MS = 10 * 60_000

/** What all builds of a run share. */
export interface BuildTools {
  readonly deps: {
    readonly engine: Engine
    readonly env: Readonly<Record<string, string>>
    readonly log: Logger
    readonly showOutput?: boolean
  }
  readonly client: BuildClient
  /** Undefined: no layers are kept between jobs */
  readonly layerCache: LayerCache | undefined
  readonly context: { readonly folder: string }
  readonly secrets: readonly Secret[]
  readonly buildLog: BuildLog
}

/**
 * Builds one image. Where layers are kept between jobs and that fails, for whatever reason, the build is done once more as if they were
 * not.
 * @throws CommandError with the last lines of the build's output
 */
export async function buildOne(
  job: Job,
  tools: BuildTools,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (await buildWithCache(job, tools, signal)) return
  const attempt = { job, client: tools.client, deadlineMs: BUILD_MS }
  const { ended, output, args } = await runBuild(attempt, tools, signal)
  if (ended.exitCode !== 0) throw buildError(attempt, args, ended, output)
}

/** True when the image is there. */
async function buildWithCache(
  job: Job,
  tools: BuildTools,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { layerCache, deps } = tools
  if (layerCache === undefined) return false
  const inspect = { ...deps, signal }
  const bases = layerCache.seesImages ? {} : await registryBases(job, inspect)
  if (bases === null) {
    deps.log.debug(
      `Layers of the ${job.target} image are not kept between jobs: its base is from no registry, so that the builder can't get it.`,
    )
    return false
  }
  const attempt = {
    job: { ...job, buildArguments: { ...job.buildArguments, ...bases } },
    client: layerCache.client,
    scope: layerScope(job),
    deadlineMs: CACHED_BUILD_MS,
  }
  const { ended, output, args } = await runBuild(attempt, tools, signal)
  if (ended.exitCode === 0) return true
  if (signal?.aborted === true) throw buildError(attempt, args, ended, output)
  // The image is loaded before its layers are sent to the cache. Its name is a digest of its inputs, and it was not there before.
  if ((await inspectId(job.tag, inspect)) !== undefined) return true
  deps.log.info(
    `The ${job.target} image could not be built with layers kept between jobs; it is built once more without.`,
  )
  return false
}

/** A job's base images, each by its digest; null when a registry has not got one of them. */
async function registryBases(
  job: Job,
  deps: Pick<BuildTools['deps'], 'engine' | 'env'> & { readonly signal: AbortSignal | undefined },
): Promise<Record<string, string> | null> {
  const bases: Record<string, string> = {}
  for (const argument of ['BASE', 'DEBIAN']) {
    const name = job.buildArguments[argument]
    if (name === undefined) continue
    const found = registryName(name, await inspectDigests(name, deps))
    if (found === undefined) return null
    bases[argument] = found
  }
  return bases
}

interface Attempt {
  readonly job: Job
  readonly client: BuildClient
  /** Name under which layers are kept between jobs; without one none are */
  readonly scope?: string
  readonly deadlineMs: number
}

async function runBuild(
  { job, client, scope, deadlineMs }: Attempt,
  { deps, context, secrets, buildLog }: BuildTools,
  signal: AbortSignal | undefined,
): Promise<{ ended: Finished; output: string; args: readonly string[] }> {
  const values = { ...job.buildArguments, ...proxyArguments(deps.env) }
  const plan = { ...job, client, layerScope: scope, secrets, context: context.folder }
  deps.log.debug(`${client.command} ${buildArguments(plan).join(' ')}`)
  const args = buildArguments({ ...plan, buildArguments: values })
  const output = buildLog.open(job.target, (line) => {
    const stage = describeStage(line)
    if (stage !== undefined) deps.log.progress(stage)
  })
  const ended = await startCommand(client.command, args, {
    env: { ...deps.env, ...client.env },
    deadlineMs,
    onOutput: (chunk) => output.add(chunk),
    ...(signal === undefined ? {} : { signal }),
  }).finished
  if (deps.showOutput === true) deps.log.untrusted(output.tail())
  return { ended, output: output.tail(), args }
}

function buildError(
  { job, client, deadlineMs }: Attempt,
  args: readonly string[],
  ended: Finished,
  output: string,
): CommandError {
  const { stage, said } = describeFailure(output)
  const how = ended.cancelled
    ? 'was stopped'
    : ended.timedOut
      ? `did not end within ${deadlineMs / 60_000} minutes`
      : `failed (exit code ${ended.exitCode ?? ended.signal ?? ended.startError ?? '?'})`
  const where = stage === undefined ? '' : ` at “${stage}”`
  return new CommandError(
    `The build of the ${job.target} image ${how}${where}. The last lines of it, all are in build.log:\n${said}`,
    {
      command: client.command,
      args,
      exitCode: ended.exitCode,
      timedOut: ended.timedOut,
      stderrTail: said,
    },
  )
}
