import { join } from 'node:path'
import * as core from '@actions/core'
import { untilCancelled } from '../../cancel.js'
import { findEngine } from '../../engine.js'
import { readCacheService, scrubEnvironment } from '../../environment.js'
import { runCell } from '../../experiment/cell.js'
import { planCell } from '../../experiment/plan.js'
import { actingInputs, readInputTexts, readInputs } from '../../inputs/inputs.js'
import { STATE } from '../../state.js'
import { failStep, makeActionsLogger } from '../log.js'
import { publish } from './publish.js'

try {
  await untilCancelled(async (signal) => {
    const log = makeActionsLogger()
    const env = scrubEnvironment(process.env)
    const read = (name: string): string => core.getInput(name)
    const inputs = readInputs(read)
    const cacheService = readCacheService(process.env)
    const deps = { env, log, signal, showBuild: true, cacheService }
    const workspace = process.env['GITHUB_WORKSPACE'] ?? process.cwd()
    const temporary = process.env['RUNNER_TEMP'] ?? workspace
    const place = { folder: join(temporary, 'cgo-deadlock-results'), cwd: workspace }
    const plan = await planCell(inputs, actingInputs(readInputTexts(read)), place, deps)
    const host = { engine: await findEngine(inputs.engine, env), env }
    core.saveState(STATE.runId, plan.id)
    core.saveState(STATE.engine, host.engine.name)
    const record = await runCell(plan, host, deps)
    const verdict = await publish(record, inputs, deps)
    if (verdict.failed) core.setFailed(verdict.message)
  })
} catch (thrown) {
  failStep(thrown)
}
// A connection that an upload gave up on would keep the process, and with it the job.
process.exit()
