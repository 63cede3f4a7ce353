import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { leftContainers } from '../helpers/leftovers.js'
import { startResultsServer } from '../helpers/results-server.js'
import type { ResultsServer } from '../helpers/results-server.js'
import { makeRepository, runWorkflow } from './act.js'
import type { WorkflowRequest, WorkflowRun } from './act.js'
import { fetchResult, serverVariables } from './artifacts.js'
import { installWorkflowTools } from './tools.js'

let act: string
let repository: Awaited<ReturnType<typeof makeRepository>>
let server: ResultsServer

beforeAll(async () => {
  act = (await installWorkflowTools()).act
  repository = await makeRepository()
})
afterAll(() => repository.remove())
beforeEach(async () => {
  server = await startResultsServer()
})
afterEach(() => server.close())

function run(request: Pick<WorkflowRequest, 'file' | 'job'>): Promise<WorkflowRun> {
  const event = 'workflow_dispatch'
  return runWorkflow(repository.path, { act, event, env: serverVariables(server), ...request })
}

/** Results of a stage's steps that use the action, in their order. */
function ownSteps({ lines }: WorkflowRun, stage: 'Main' | 'Post'): (string | undefined)[] {
  return lines
    .filter((line) => line.stage === stage && line.step.includes('./'))
    .map(({ stepResult }) => stepResult)
    .filter((result) => result !== undefined)
}

describe('ci.yml', () => {
  const file = '.github/workflows/ci.yml'

  it('finds the deadlock in one step; the next reads its outputs, the job passes', async () => {
    const ran = await run({ file, job: 'step-on-an-affected-toolchain' })
    expect([...ran.jobs.values()]).toEqual(['success'])
    expect(ran.exitCode).toBe(0)
    expect(ownSteps(ran, 'Main')).toEqual(['success'])
    expect(ownSteps(ran, 'Post')).toEqual(['success'])
    expect(ran.summaries).toHaveLength(1)
    expect(ran.summaries[0]).toContain('Deadlock')
    expect(ran.summaries[0]).toContain('```mermaid')
    const [name = ''] = server.artifacts.keys()
    const result = await fetchResult(server, name)
    expect(result.diagnosis?.class).toBe('signal-reentrancy')
    expect(await leftContainers(result.id)).toEqual([])
  })

  it('fails steps with evidence where there is some, and post runs for each', async () => {
    const ran = await run({ file, job: 'step-that-fails' })
    expect([...ran.jobs.values()]).toEqual(['success'])
    expect(ownSteps(ran, 'Main')).toEqual(['failure', 'failure', 'failure'])
    expect(ownSteps(ran, 'Post')).toEqual(['success', 'success', 'success'])
    expect(server.artifacts.size).toBe(1)
    const errors = ran.lines.filter(({ command }) => command === 'error').map(({ msg }) => msg)
    expect(errors.join('\n')).toContain('Input glibc-version is "glibc-2.31". Allowed:')
    expect(errors.join('\n')).toContain('No container engine answers.')
  })
})
