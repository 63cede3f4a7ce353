import { buildxClient } from '../engine.js'
import type { BuildClient, Engine } from '../engine.js'
import type { CacheService } from '../environment.js'
import { runCommand } from '../exec.js'

const PROBE_MS = 20_000
/** Drivers whose builders run beside the daemon: they can all export layers, and see none of its images (docs.docker.com: Build drivers) */
const OUTSIDE = ['docker-container', 'kubernetes', 'remote', 'cloud']
/** What the daemon says of its images where containerd keeps them (docs.docker.com: containerd image store) */
const CONTAINERD = 'io.containerd.snapshotter.v1'

/** How to build with layers that GitHub keeps between jobs. */
export interface LayerCache {
  /** It alone knows the service's token */
  readonly client: BuildClient
  /** False where the builder has to fetch base images by itself */
  readonly seesImages: boolean
}

export interface Builder {
  readonly name: string
  readonly driver: string
}

/**
 * Finds out whether layers can be kept: that takes buildx, and a builder that can export them. That is the current one where somebody made
 * it so (docker/setup-buildx-action does), or the daemon's own over the containerd image store (docker/buildx#701).
 * @returns why not, in a sentence, where they can't
 */
export async function findLayerCache(
  service: CacheService,
  { engine, env }: { engine: Engine; env: Readonly<Record<string, string>> },
): Promise<LayerCache | string> {
  const client = engine.build
  if (client === null || client.builder === null) return 'The build client is not buildx.'
  const options = { env, deadlineMs: PROBE_MS, allowFailure: true }
  const ask = async (command: string, args: readonly string[]): Promise<string> =>
    (await runCommand(command, args, options)).stdout
  const builder = parseBuilder(await ask(client.command, ['buildx', 'inspect']))
  if (builder === null) return 'buildx does not say what its current builder is.'
  if (OUTSIDE.includes(builder.driver)) {
    const outside = buildxClient(client.command, builder.name)
    return { client: { ...outside, env: service }, seesImages: false }
  }
  const store = await ask(engine.command, ['info', '--format', '{{json .DriverStatus}}'])
  if (!store.includes(CONTAINERD)) {
    return `The builder ${builder.name} (driver ${builder.driver}, no containerd image store) can't export them.`
  }
  return { client: { ...client, env: { ...client.env, ...service } }, seesImages: true }
}

/** The builder that `docker buildx inspect` describes; its name and driver come first, those of its nodes after. */
export function parseBuilder(inspected: string): Builder | null {
  const [, name] = /^Name:\s+(\S+)/m.exec(inspected) ?? []
  const [, driver] = /^Driver:\s+(\S+)/m.exec(inspected) ?? []
  return name === undefined || driver === undefined ? null : { name, driver }
}
