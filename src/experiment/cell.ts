import type { Host } from '../container/containers.js'
import type { ReportMaterial } from '../report/types.js'
import { runComparison } from './comparison.js'
import type { CellDeps } from './deps.js'
import { explainFailure } from './failure.js'
import { writeFolder } from './folder.js'
import { makeImages } from './images.js'
import type { CellImages } from './images.js'
import { measureCell } from './measure.js'
import type { RunPlan } from './plan.js'
import { checkHarness } from './self-check.js'

/** What a finished cell leaves: the material of its reports, and the folder they were written to. */
export interface CellRecord {
  readonly material: ReportMaterial
  readonly folder: string
}

/**
 * One cell from image to files: builds, runs, watches, dumps, explains, records. Its containers are gone afterwards,
 * whatever happened.
 * @throws ConfigurationError, CommandError for failures of our own (build, engine); never for what the program did
 */
export async function runCell(plan: RunPlan, host: Host, deps: CellDeps): Promise<CellRecord> {
  try {
    if (plan.selfCheck) await checkHarness(plan, host, deps)
    return await runInImages(plan, await makeImages(plan, host, deps), host, deps)
  } catch (thrown) {
    throw await explainFailure(thrown, host)
  }
}

/** A cell whose images are there already. Errors as `runCell`. */
export async function runInImages(
  plan: RunPlan,
  images: CellImages,
  host: Host,
  deps: CellDeps,
): Promise<CellRecord> {
  const material =
    plan.compareTo === null
      ? await measureCell(plan, images, host, deps)
      : await runComparison(plan, plan.compareTo, images, host, deps)
  return { material: await writeFolder(plan.folder, material), folder: plan.folder }
}
