import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { planCell } from '../src/experiment/plan.js'
import type { ReadyPlan } from '../src/experiment/plan.js'
import type { RunPlan } from '../src/experiment/plan.js'
import { buildImages } from '../src/image/build.js'
import { readInputTexts, readInputs } from '../src/inputs/inputs.js'
import type { InputTexts } from '../src/inputs/inputs.js'
import type { ToolchainPlan } from '../src/toolchain/types.js'
import type { BuildingEngine, Workplace } from './workplace.js'

/** The original's toolchain, which hangs within seconds. */
export const VULNERABLE: Partial<InputTexts> = {
  'glibc-version': '2.31',
  'gcc-version': '10',
  'go-version': '1.17',
}

/** Today's toolchain, which does not hang. */
export const SAFE: Partial<InputTexts> = { 'glibc-version': '2.41' }

/** A plan that builds its program, as every plan here does. */
export type BuildPlan = RunPlan & {
  readonly subject: { readonly kind: 'build'; readonly toolchain: ToolchainPlan }
}

/** Plans a cell by its inputs, as the command line does. */
export async function planBuild(
  workplace: Workplace,
  texts: Partial<InputTexts>,
): Promise<BuildPlan> {
  const read = (name: string): string => texts[name as keyof InputTexts] ?? ''
  const place = { folder: workplace.folder, cwd: workplace.folder }
  const plan = await planCell(readInputs(read), readInputTexts(read), place, workplace.deps)
  if (plan.subject.kind !== 'build') throw new Error('A cell of the bench builds its own program.')
  return { ...plan, subject: plan.subject }
}

/** Builds a cell's images, however many of their layers are there already, and tells how to run it. */
export async function buildCell(
  workplace: Workplace,
  texts: Partial<InputTexts>,
): Promise<ReadyPlan> {
  const registry = await workplace.nameBases()
  const plan = await planBuild(workplace, { ...texts, 'image-registry': registry })
  const images = await buildImages(plan.subject.toolchain, buildDeps(workplace, registry))
  return {
    ...plan,
    image: images.reproducer,
    toolsImage: images.tools,
    toolchain: images.built,
    guard: null,
  }
}

/** Milliseconds that it takes to make both images of a plan, from sources to names. */
export async function timeBuild(
  workplace: Workplace,
  toolchain: ToolchainPlan,
  registry: string,
  engine: BuildingEngine = workplace.host.engine,
): Promise<number> {
  const start = performance.now()
  await buildImages(toolchain, { ...buildDeps(workplace, registry), engine })
  return performance.now() - start
}

/** The same plan under another run id: containers are named by it. */
export function again(plan: ReadyPlan): ReadyPlan {
  return { ...plan, id: randomBytes(5).toString('hex') }
}

function buildDeps(workplace: Workplace, imageRegistry: string): Parameters<typeof buildImages>[1] {
  const { host, deps, folder } = workplace
  return { ...deps, engine: host.engine, workFolder: folder, imageRegistry, aptMirror: undefined }
}
