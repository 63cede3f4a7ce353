import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as core from '@actions/core'
import { errorMessage } from '../../errors.js'
import type { Logger } from '../../log.js'
import { judge } from '../../matrix/compare.js'
import type { Compat } from '../../matrix/compat.js'
import { compatMarkdown } from '../../matrix/summary.js'
import { compatText } from '../../matrix/terminal.js'
import { cellWord } from '../../matrix/words.js'
import { visibleLine } from '../../report/visible.js'
import { uploadFolder } from '../run/upload.js'
import type { UploadedArtifact } from '../run/upload.js'
import type { ReportInputs } from './inputs.js'
import type { REPORT_OUTPUTS } from './inputs.js'

/** GitHub shows at most ten of a kind for each step. */
const MAX_ANNOTATIONS = 10

/** Shows a finished table to everybody who may look: artifact, outputs, summary, log, annotations. */
export async function publishCompat(
  compat: Compat,
  folder: string,
  inputs: ReportInputs,
  log: Logger,
): Promise<void> {
  const artifact = await tryUpload(folder, inputs, log)
  for (const [name, value] of Object.entries(outputsOf(compat, folder, artifact))) {
    core.setOutput(name, value)
  }
  await writeSummary(compat, artifact?.url ?? null, log)
  log.untrusted(compatText(compat, { colour: false }))
  for (const cell of judge(compat.cells, compat.failOn).failing.slice(0, MAX_ANNOTATIONS)) {
    const title = visibleLine(`${cellWord(cell)}: ${cell.name}`, 200)
    core.error(visibleLine(cell.headline), { title })
  }
}

function outputsOf(
  { cells, conclusion, headline }: Compat,
  folder: string,
  artifact: UploadedArtifact | null,
): Record<(typeof REPORT_OUTPUTS)[number], string | number> {
  return {
    conclusion,
    headline,
    faults: cells.filter(({ tone }) => tone === 'bad').length,
    regressions: cells.filter(({ change }) => change === 'regression').length,
    undecided: cells.filter(({ tone }) => tone === 'unsure').length,
    'compat-path': join(folder, 'compat.json'),
    'html-path': join(folder, 'compat.html'),
    'junit-path': join(folder, 'junit.xml'),
    'artifact-id': artifact?.id ?? '',
    'artifact-url': artifact?.url ?? '',
  }
}

async function tryUpload(
  folder: string,
  { artifactName, retentionDays }: ReportInputs,
  log: Logger,
): Promise<UploadedArtifact | null> {
  if (artifactName === undefined) return null
  try {
    return await uploadFolder(artifactName, folder, retentionDays, process.env)
  } catch (thrown) {
    log.warning(
      `The table could not be uploaded as an artifact (${errorMessage(thrown)}). It is on this runner, in ${folder}.`,
    )
    return null
  }
}

async function writeSummary(
  compat: Compat,
  artifactUrl: string | null,
  log: Logger,
): Promise<void> {
  const file = process.env['GITHUB_STEP_SUMMARY'] ?? ''
  try {
    const heldBytes = file === '' ? 0 : (await stat(file)).size
    core.summary.addRaw(compatMarkdown(compat, { heldBytes, artifactUrl }))
    await core.summary.write()
  } catch (thrown) {
    log.warning(`The step summary could not be written: ${errorMessage(thrown)}`)
  }
}
