import { join, resolve } from 'node:path'
import { errorMessage } from '../../errors.js'
import type { Logger } from '../../log.js'
import { findResults } from '../../matrix-files/find-results.js'
import { loadBaseline } from '../../matrix-files/load-baseline.js'
import { loadPlan } from '../../matrix-files/load-plan.js'
import { artifactOf } from '../../matrix/cells.js'
import { readResult } from '../../matrix/read-results.js'
import { makeTable } from '../../matrix/table.js'
import type { TableBaseline } from '../../matrix/table.js'
import type { Compat } from '../../matrix/compat.js'
import { downloadResults } from './artifacts.js'
import type { ReportInputs } from './inputs.js'
import { REPORT_DEFAULTS } from './inputs.js'
import { findLastScheduled } from './last-scheduled.js'

export interface GatherPlace {
  /** Where relative paths begin */
  readonly workspace: string
  /** Folder for downloads */
  readonly temporary: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Gets spec, results and baseline together and makes the table of them. A baseline that can't be read is no reason to
 * keep the table back: the table says so, and does not pass where it needs one.
 * @throws ConfigurationError for a spec that can't be read, whatever the artifact client throws
 */
export async function gatherCompat(
  inputs: ReportInputs,
  { workspace, temporary, environment }: GatherPlace,
  log: Logger,
): Promise<Compat> {
  const plan =
    inputs.spec === undefined
      ? null
      : (await loadPlan(inputs.spec, inputs.affectedBy, workspace)).plan
  const planned = new Set(plan?.cells.map(artifactOf))
  const found =
    inputs.results === undefined
      ? await downloadResults(join(temporary, 'results'), planned, inputs.artifactName)
      : await findResults(resolve(workspace, inputs.results))
  log.info(`${found.length} results found${plan === null ? '' : ` for ${planned.size} cells`}`)
  const baseline = await getBaseline(inputs, { workspace, temporary, environment })
  if (baseline.note !== null) log.warning(baseline.note)
  return makeTable({
    plan,
    results: found.map(readResult),
    baseline: baseline.found,
    failOn: inputs.failOn,
    now: new Date(),
    notes: baseline.note === null ? [] : [baseline.note],
  })
}

async function getBaseline(
  inputs: ReportInputs,
  place: GatherPlace,
): Promise<{ found: TableBaseline; note: string | null }> {
  try {
    return await readBaseline(inputs, place)
  } catch (thrown) {
    return { found: 'unreadable', note: errorMessage(thrown) }
  }
}

async function readBaseline(
  { baseline, githubToken, artifactName }: ReportInputs,
  { workspace, temporary, environment }: GatherPlace,
): Promise<{ found: TableBaseline; note: string | null }> {
  if (baseline === undefined) return { found: null, note: null }
  if (baseline.kind === 'file') {
    const compat = await loadBaseline(resolve(workspace, baseline.path))
    return { found: { compat, where: baseline.path }, note: null }
  }
  const found = await findLastScheduled({
    workflow: baseline.workflow,
    artifactName: artifactName ?? REPORT_DEFAULTS['artifact-name'],
    token: githubToken,
    folder: join(temporary, 'baseline'),
    environment,
  })
  if (!('reason' in found)) return { found, note: null }
  return { found: null, note: `There is nothing to compare with. ${found.reason}` }
}
