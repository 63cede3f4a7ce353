import { mkdir } from 'node:fs/promises'
import type { Host } from '../container/containers.js'
import { ensureImage } from '../image/base.js'
import { buildImages, buildTools } from '../image/build.js'
import type { BuiltToolchain } from '../toolchain/types.js'
import type { CellDeps } from './deps.js'
import type { RunPlan } from './plan.js'

/** The images that a cell runs in. */
export interface CellImages {
  readonly target: string
  readonly tools: string
  readonly built: BuiltToolchain | null
}

/** Builds, pulls or finds the images of a cell; the build's log goes to the cell's folder. Errors as `runCell`. */
export async function makeImages(plan: RunPlan, host: Host, deps: CellDeps): Promise<CellImages> {
  await mkdir(plan.folder, { recursive: true })
  const options = {
    engine: host.engine,
    env: host.env,
    log: deps.log,
    signal: deps.signal,
    workFolder: plan.folder,
    imageRegistry: plan.imageRegistry,
    aptMirror: plan.aptMirror,
    showOutput: deps.showBuild === true,
    cacheService: deps.cacheService,
  }
  const { subject } = plan
  return deps.log.group('Build images', async () => {
    if (subject.kind === 'image') {
      const target = await ensureImage(subject.image, { ...options, folder: plan.folder })
      const { tools } = await buildTools(options)
      return { target, tools, built: null }
    }
    const images = await buildImages(subject.toolchain, options)
    return { target: images.reproducer, tools: images.tools, built: images.built }
  })
}
