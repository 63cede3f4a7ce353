import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as core from '@actions/core'
import { errorMessage } from '../../errors.js'
import type { CellRecord } from '../../experiment/cell.js'
import type { Inputs } from '../../inputs/inputs.js'
import type { Logger } from '../../log.js'
import { annotationsOf } from '../../report/annotations.js'
import { summaryMarkdown } from '../../report/summary.js'
import { terminalText } from '../../report/terminal.js'
import { outputsOf } from '../../result/outputs.js'
import type { Result } from '../../result/schema.js'
import { artifactName, uploadFolder } from './upload.js'
import type { UploadedArtifact } from './upload.js'

const LOG_WIDTH = 110

/** Whether the step is to fail, once everything is published. */
export interface Verdict {
  readonly failed: boolean
  readonly message: string
}

/**
 * Shows a finished cell to everybody who may look: log, artifact, outputs, summary, annotations. What can't be
 * published is a warning; the files stay where they are. Failing the step is left to the caller, last of all.
 */
export async function publish(
  record: CellRecord,
  inputs: Inputs,
  deps: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<Verdict> {
  const { log } = deps
  const { material, folder } = record
  const { result } = material
  const artifact = wantsUpload(inputs.upload, result) ? await tryUpload(record, inputs, deps) : null
  const paths = {
    result: join(folder, 'result.json'),
    report: join(folder, 'report.html'),
    artifact,
  }
  for (const [name, value] of Object.entries(outputsOf(result, paths))) core.setOutput(name, value)
  await writeSummary(record, artifact?.url ?? null, log)
  await log.group('Verdict', () => {
    log.untrusted(
      terminalText(result, material.process, {
        colour: false,
        width: LOG_WIDTH,
        reportPath: paths.report,
      }),
    )
    return Promise.resolve()
  })
  for (const { level, title, message } of annotationsOf(result)) core[level](message, { title })
  return { failed: result.conclusion !== 'pass', message: failureMessage(result) }
}

function wantsUpload(upload: Inputs['upload'], result: Result): boolean {
  return upload === 'always' || (upload === 'on-fault' && result.conclusion !== 'pass')
}

async function tryUpload(
  { material, folder }: CellRecord,
  inputs: Inputs,
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<UploadedArtifact | null> {
  const { toolchain, id } = material.result
  const subject =
    toolchain === null ? 'image' : `go${toolchain.go ?? ''}-glibc${toolchain.glibc ?? ''}`
  const name = inputs.artifactName ?? artifactName(`cgo-deadlock-${subject}-${id}`)
  try {
    const uploaded = await uploadFolder(name, folder, inputs.retentionDays, process.env, signal)
    log.info(`Evidence: ${uploaded.url}`)
    return uploaded
  } catch (thrown) {
    log.warning(
      `The evidence could not be uploaded as an artifact (${errorMessage(thrown)}). It is on this runner, in ${folder}.`,
    )
    return null
  }
}

async function writeSummary(
  { material }: CellRecord,
  artifactUrl: string | null,
  log: Logger,
): Promise<void> {
  const file = process.env['GITHUB_STEP_SUMMARY'] ?? ''
  try {
    const heldBytes = file === '' ? 0 : (await stat(file)).size
    core.summary.addRaw(summaryMarkdown(material, { heldBytes, artifactUrl }))
    await core.summary.write()
  } catch (thrown) {
    log.warning(`The step summary could not be written: ${errorMessage(thrown)}`)
  }
}

function failureMessage({ outcome, expect, headline, comparison }: Result): string {
  if (comparison !== null) return comparison.headline
  return `Outcome ${outcome}, expected ${expect}. ${headline}`
}
