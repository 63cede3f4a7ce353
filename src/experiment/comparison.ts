import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { deadlinessOf } from '../comparison/deadliness.js'
import type { Host } from '../container/containers.js'
import { compareSides, comparisonText, concludeComparison } from '../diagnosis/comparison.js'
import type { ReportMaterial } from '../report/types.js'
import type { Comparison, Result } from '../result/schema.js'
import { extractRevision } from '../symbolizer-source/revision.js'
import type { CellDeps } from './deps.js'
import { writeFolder } from './folder.js'
import { makeImages } from './images.js'
import type { CellImages } from './images.js'
import { measureCell } from './measure.js'
import type { OtherSide } from './other-side.js'
import type { RunPlan } from './plan.js'

/** The folder, beside a run's own files, with those of the side that it is compared with. */
export const BASE_FOLDER = 'base'

/**
 * A cell, and the same one with the symbolizer of another place or revision, swept one after the other on this machine.
 * @returns the cell's own material, with the comparison in its result
 * @throws as `measureCell`; ConfigurationError, CommandError where the other side can't be had or built
 */
export async function runComparison(
  plan: RunPlan,
  other: OtherSide,
  images: CellImages,
  host: Host,
  deps: CellDeps,
): Promise<ReportMaterial> {
  const source = join(plan.folder, `${BASE_FOLDER}-source`)
  try {
    if (other.commit !== null) await extractRevision(other.folder, other.commit, source, deps)
    const basePlan = planBase(plan, other, other.commit === null ? other.folder : source)
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

/** The same toolchain with the other symbolizer. It is only swept: that is what tells the two apart, in seconds. */
function planBase(plan: RunPlan, { name }: OtherSide, directory: string): RunPlan {
  if (plan.subject.kind !== 'build') throw new Error('only what is built here has another side')
  const { toolchain } = plan.subject
  return {
    ...plan,
    subject: {
      kind: 'build',
      toolchain: { ...toolchain, symbolizer: { kind: 'local', directory } },
    },
    experiment: 'sweep',
    expect: 'any',
    compareTo: null,
    folder: join(plan.folder, BASE_FOLDER),
    asked: { ...plan.asked, symbolizer: name, 'compare-to': '' },
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
