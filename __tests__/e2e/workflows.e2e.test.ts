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

function run(request: Pick<WorkflowRequest, 'file' | 'job' | 'matrix'>): Promise<WorkflowRun> {
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

  it('finds today’s toolchain safe without any input', async () => {
    const ran = await run({ file, job: 'step-on-a-safe-toolchain' })
    expect([...ran.jobs.values()]).toEqual(['success'])
    expect(ran.summaries.join()).toMatch(/Clean|Immune/)
    expect(server.artifacts.size).toBe(1)
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

describe('compatibility.yml', () => {
  it('makes its cells, runs them on both sides of the boundary, and reads them all in its report', async () => {
    const names = ['Go 1.17, glibc 2.31, gcc 10', 'Go 1.17, glibc 2.41']
    const matrix = names.map((name) => `name:${name}`)
    const ran = await run({ file: '.github/workflows/compatibility.yml', matrix })
    // Seven cells have no result here, so the report can't pass; nor does GitHub's API answer for the last scheduled run.
    expect([...ran.jobs.values()]).toEqual(['success', 'success', 'success', 'failure'])
    const said = ran.lines.map(({ msg }) => msg).join('\n')
    expect(said).toContain('9 cells in 9 images')
    expect(said).toContain('2 results found for 9 cells')
    expect(said).toContain('The last scheduled run')
    expect(said).toMatch(/1 of 9 cells are free of faults, 1 has one \(1 known\), 7 are undecided/)
    expect(ran.summaries.join()).toContain('Compatibility: Undecided')
    const table = 'cgo-deadlock-compat'
    expect([...(server.artifacts.get(table)?.keys() ?? [])]).toContain('compat.html')
    const cells = [...server.artifacts.keys()].filter((name) => name !== table)
    const results = await Promise.all(cells.map((name) => fetchResult(server, name)))
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['deadlock', 'immune'])
  })
})

describe('example-pr-check.yml', () => {
  it('checks the symbolizer in the checkout where the unwinder of libgcc would deadlock', async () => {
    const ran = await run({ file: '.github/workflows/example-pr-check.yml' })
    expect([...ran.jobs.values()]).toEqual(['success'])
    const [name = ''] = server.artifacts.keys()
    const result = await fetchResult(server, name)
    expect(result.conclusion).toBe('pass')
    expect(result.toolchain).toMatchObject({ glibc: '2.31', symbolizer: { version: 'local' } })
    expect(result.comparison).toMatchObject({ verdict: 'still-safe', base: { outcome: 'immune' } })
    expect(ran.summaries.join('\n')).toContain('Still safe')
  })
})
