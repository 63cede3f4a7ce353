import { join } from 'node:path'
import * as core from '@actions/core'
import { writeCompat } from '../../matrix-files/write-compat.js'
import { failStep, makeActionsLogger } from '../log.js'
import { gatherCompat } from './gather.js'
import { readReportInputs } from './inputs.js'
import { publishCompat } from './publish.js'

try {
  const log = makeActionsLogger()
  const inputs = readReportInputs((name) => core.getInput(name))
  const workspace = process.env['GITHUB_WORKSPACE'] ?? process.cwd()
  const temporary = join(process.env['RUNNER_TEMP'] ?? workspace, 'cgo-deadlock-report')
  const place = { workspace, temporary, environment: process.env }
  const compat = await gatherCompat(inputs, place, log)
  const folder = join(temporary, 'table')
  await writeCompat(folder, compat)
  await publishCompat(compat, folder, inputs, log)
  if (compat.conclusion !== 'pass') core.setFailed(compat.headline)
} catch (thrown) {
  failStep(thrown)
}
// A connection that an upload gave up on would keep the process, and with it the job.
process.exit()
