import * as core from '@actions/core'
import { loadPlan } from '../../matrix-files/load-plan.js'
import { matrixEntries } from '../../matrix/include.js'
import { planText } from '../../matrix/plan-text.js'
import { failStep, makeActionsLogger } from '../log.js'
import { readMatrixInputs } from './inputs.js'

try {
  const inputs = readMatrixInputs((name) => core.getInput(name))
  const workspace = process.env['GITHUB_WORKSPACE'] ?? process.cwd()
  const { plan } = await loadPlan(inputs.spec, inputs.affectedBy, workspace)
  core.setOutput('include', JSON.stringify(matrixEntries(plan.cells)))
  core.setOutput('count', plan.cells.length)
  core.setOutput('left-out', JSON.stringify(plan.leftOut))
  makeActionsLogger().untrusted(planText(plan))
} catch (thrown) {
  failStep(thrown)
}
