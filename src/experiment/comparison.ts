import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { deadlinessOf } from '../comparison/deadliness.js'
import type { Host } from '../container/containers.js'
import { compareSides, comparisonText, concludeComparison } from '../diagnosis/comparison.js'
import type { ReportMaterial } from '../report/types.js'
import type { Comparison, Result } from '../result/schema.js'
import { extractRevision } from '../symbolizer-source/revision.js'
import { isPath } from '../toolchain/path.js'
import { resolveToolchain } from '../toolchain/resolve.js'
import type { CellDeps } from './deps.js'
import { writeFolder } from './folder.js'
import { makeImages } from './images.js'
import type { CellImages } from './images.js'
import { measureCell } from './measure.js'
import type { CompareTo, RunPlan } from './plan.js'

/** The folder, beside a run's own files, with those of the side that it is compared with. */
export const BASE_FOLDER = 'base'

/**
 * A cell, and the same one with the symbolizer of another place or revision, swept one after the other on this machine.
 * @returns the cell's own material, with the comparison in its result
 * @throws as `measureCell`; ConfigurationError, CommandError where the other side can't be had or built
 */
export async function runComparison(
  plan: RunPlan,
  compareTo: CompareTo,
  images: CellImages,
  host: Host,
  deps: CellDeps,
): Promise<ReportMaterial> {
  const source = join(plan.folder, `${BASE_FOLDER}-source`)
  try {
    const other = await findOther(compareTo, source, deps)
    const basePlan = await planBase(plan, compareTo, other.folder, deps)
    const baseImages = await makeImages(basePlan, host, deps)
    const base = await deps.log.group(`Before the change: ${other.name}`, () =>
      measureCell(basePlan, baseImages, host, deps),
    )
    const { result } = await writeFolder(basePlan.folder, base)
    const head = await deps.log.group('With the change', () =>
      measureCell(plan, images, host, deps),
    )
    return { ...head, result: addComparison(head.result, result, other.name) }
  } finally {
    await rm(source, { recursive: true, force: true })
  }
}

/** Where the other side's files are, and what it is called. */
async function findOther(
  { given, request, cwd }: CompareTo,
  into: string,
  deps: CellDeps,
): Promise<{ readonly folder: string; readonly name: string }> {
  if (isPath(given)) return { folder: resolve(cwd, given), name: given }
  const { commit } = await extractRevision(resolve(cwd, request.symbolizer), given, into, deps)
  return { folder: into, name: `${given} (${commit.slice(0, 12)})` }
}

/** The other side is only swept: the sweep is what tells the two apart, in seconds. */
async function planBase(
  plan: RunPlan,
  { given, request, cwd }: CompareTo,
  folder: string,
  deps: CellDeps,
): Promise<RunPlan> {
  const toolchain = await resolveToolchain({ ...request, symbolizer: folder }, { ...deps, cwd })
  return {
    ...plan,
    subject: { kind: 'build', toolchain },
    experiment: 'sweep',
    expect: 'any',
    compareTo: null,
    folder: join(plan.folder, BASE_FOLDER),
    asked: { ...plan.asked, symbolizer: given, 'compare-to': '' },
  }
}

function addComparison(head: Result, base: Result, name: string): Result {
  const verdict = compareSides(base, head)
  const { toolchain, sweep, counts, traceback, outcome, headline } = base
  const comparison: Comparison = {
    to: name,
    verdict,
    headline: comparisonText(verdict, base, head, name),
    deadly: { base: deadlinessOf(sweep), head: deadlinessOf(head.sweep) },
    base: { toolchain, sweep, counts, traceback, outcome, headline },
  }
  if (head.outcome === 'cancelled') return { ...head, comparison }
  return { ...head, comparison, conclusion: concludeComparison(verdict, head.expect) }
}
