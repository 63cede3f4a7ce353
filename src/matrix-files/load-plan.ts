import { affectedCells } from '../matrix/affected.js'
import { planCells } from '../matrix/cells.js'
import type { CellPlan } from '../matrix/cells.js'
import { loadSpec } from './load-spec.js'
import type { LoadedSpec } from './load-spec.js'

/** A spec with its cells. */
export interface LoadedPlan extends LoadedSpec {
  readonly plan: CellPlan
}

/**
 * The cells of a spec, or those of them that a change of files can touch.
 * @throws ConfigurationError as `loadSpec` and `planCells`
 */
export async function loadPlan(
  name: string,
  changed: readonly string[] | undefined,
  cwd: string,
): Promise<LoadedPlan> {
  const loaded = await loadSpec(name, cwd)
  const plan = planCells(loaded.spec)
  if (changed === undefined) return { ...loaded, plan }
  const cells = affectedCells(plan.cells, changed, { root: cwd, spec: loaded.path })
  return { ...loaded, plan: { ...plan, cells } }
}
