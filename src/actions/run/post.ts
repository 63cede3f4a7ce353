import * as core from '@actions/core'
import { removeContainers } from '../../container/containers.js'
import { findEngine } from '../../engine.js'
import { scrubEnvironment } from '../../environment.js'
import { errorMessage } from '../../errors.js'
import { STATE } from '../../state.js'

/** Removes what a cancelled or killed main step left behind. Warns at most: the step's own result stands. */
async function cleanUp(): Promise<void> {
  const runId = core.getState(STATE.runId)
  const engineName = core.getState(STATE.engine)
  if (runId === '' || (engineName !== 'docker' && engineName !== 'podman')) return
  const env = scrubEnvironment(process.env)
  const engine = await findEngine(engineName, env)
  const removed = await removeContainers({ engine, env }, runId)
  if (removed > 0) core.info(`Removed ${removed} containers that were left of run ${runId}.`)
}

try {
  await cleanUp()
} catch (thrown) {
  core.warning(`Clean-up of containers failed: ${errorMessage(thrown)}`)
}
