import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readReportInputs } from '../../src/actions/report/inputs.js'
import { uploadFolder } from '../../src/actions/run/upload.js'
import { artifactOf } from '../../src/matrix/cells.js'
import { Compat } from '../../src/matrix/compat.js'
import { compatFiles } from '../../src/matrix/files.js'
import { startGitHubApi } from '../helpers/github-api.js'
import type { GitHubApi } from '../helpers/github-api.js'
import { makePlan, resultOf, table } from '../helpers/matrix.js'
import { startResultsServer } from '../helpers/results-server.js'
import type { ResultsServer } from '../helpers/results-server.js'
import { runStep } from '../helpers/runner.js'
import type { StepRun } from '../helpers/runner.js'

const STEP_MS = 60_000
const SPEC = 'axes:\n  glibc: [2.31, 2.36]\n  symbolizer: [ianlancetaylor, nsrip-dd]\n'
const plan = makePlan()
const clean = table({
  results: plan.cells.map((cell) => ({
    kind: 'result',
    where: cell.slug,
    result: resultOf(cell, 'clean'),
  })),
})

let workspace: string
let server: ResultsServer
let api: GitHubApi

/** Uploads each cell's result as the check's own step would. */
async function uploadCells(): Promise<void> {
  for (const cell of plan.cells) {
    const bad = cell.values.glibc === '2.31' && cell.values.symbolizer !== 'nsrip-dd'
    const folder = await mkdtemp(join(tmpdir(), 'cell-'))
    const text = JSON.stringify(resultOf(cell, bad ? 'deadlock' : 'clean'))
    await writeFile(join(folder, 'result.json'), cell === plan.cells[3] ? text.slice(0, 99) : text)
    await uploadFolder(artifactOf(cell), folder, undefined, {})
  }
}

beforeAll(async () => {
  server = await startResultsServer()
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value)
  await uploadCells()
  api = await startGitHubApi(
    [
      {
        id: 77,
        workflow: 'compatibility.yml',
        artifacts: { 'cgo-deadlock-compat': compatFiles(clean) },
      },
      { id: 78, workflow: 'other.yml', artifacts: {} },
    ],
    'let-me-in',
  )
  workspace = await mkdtemp(join(tmpdir(), 'report-step-'))
  await writeFile(join(workspace, 'cells.yml'), SPEC)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await Promise.all([server.close(), api.close()])
})

function step(inputs: Record<string, string>): Promise<StepRun> {
  const given = { 'fail-on': 'any', 'github-token': 'let-me-in', ...inputs }
  const env = { ...server.environment, ...api.environment, GITHUB_WORKSPACE: workspace }
  return runStep('report', { source: true, inputs: given, env })
}

const compatOf = async (run: StepRun): Promise<Compat> =>
  Compat.parse(JSON.parse(await readFile(run.outputs['compat-path'] ?? '', 'utf8')))

describe('over the artifacts of this run', () => {
  let run: StepRun

  beforeAll(async () => {
    run = await step({
      spec: 'cells.yml',
      baseline: 'last-scheduled',
      'artifact-name': 'cgo-deadlock-compat',
    })
  }, STEP_MS)

  it('finds each cell’s result, and shows the damaged one as such', async () => {
    expect((await compatOf(run)).cells.map(({ state, outcome }) => [state, outcome])).toEqual([
      ['decided', 'deadlock'],
      ['decided', 'clean'],
      ['decided', 'clean'],
      ['damaged', null],
    ])
  })

  it('compares with the last successful scheduled run, asked from GitHub’s API', async () => {
    const compat = await compatOf(run)
    expect(compat.cells[0]?.change).toBe('regression')
    expect(compat.baseline?.where).toBe('run 77 of compatibility.yml')
    expect(api.asked).toContain(
      '/repos/owner/repository/actions/workflows/compatibility.yml/runs?event=schedule&status=success&per_page=1',
    )
  })

  it('publishes the table before it fails the step', () => {
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({
      conclusion: 'fail',
      faults: '1',
      regressions: '1',
      undecided: '1',
    })
    expect(run.summary).toContain('deadlocks at 2.31')
    expect(run.log).toMatch(/::error title=deadlock%3A glibc 2\.31%2C ianlancetaylor::/)
    expect([...(server.artifacts.get('cgo-deadlock-compat')?.keys() ?? [])].toSorted()).toEqual([
      ...['compat.html', 'compat.json', 'junit.xml'],
    ])
    expect(run.outputs['artifact-url']).toMatch(/\/actions\/runs\/11\/artifacts\/5$/)
  })
})

it(
  'over a folder, with a file as baseline, fails only on what is new when asked so',
  async () => {
    const files = compatFiles(table())
    await writeFile(join(workspace, 'before.json'), files['compat.json'] ?? '')
    for (const cell of plan.cells) {
      const folder = join(workspace, 'results', artifactOf(cell))
      await mkdir(folder, { recursive: true })
      const outcome = cell === plan.cells[0] ? 'deadlock' : 'clean'
      await writeFile(join(folder, 'result.json'), JSON.stringify(resultOf(cell, outcome)))
    }
    const run = await step({
      ...{ results: 'results', baseline: 'before.json', 'fail-on': 'regression' },
      'artifact-name': '',
    })
    expect([run.exitCode, run.outputs['conclusion']]).toEqual([0, 'pass'])
    expect(run.outputs['artifact-id']).toBe('')
  },
  STEP_MS,
)

it(
  'goes on without a baseline where none is yet, and says so',
  async () => {
    const run = await step({
      results: 'results',
      baseline: 'last-scheduled:first.yml',
      'fail-on': 'regression',
    })
    expect(run.exitCode).toBe(0)
    expect(run.log).toMatch(
      /::warning::There is nothing to compare with\. No scheduled run of first\.yml/,
    )
    const old = await step({
      results: 'results',
      baseline: 'last-scheduled:other.yml',
      'fail-on': 'never',
    })
    expect(old.log).toMatch(/run 78 of other\.yml, has no artifact cgo-deadlock-compat/)
  },
  STEP_MS,
)

describe('where the baseline can’t be read', () => {
  const scheduled = { results: 'results', baseline: 'last-scheduled' }

  it(
    'publishes the table, names the permission that it lacks, and then does not pass on a fault',
    async () => {
      const token = { 'github-token': 'wrong' }
      const run = await step({ ...scheduled, ...token, 'fail-on': 'regression' })
      expect(run.log).toMatch(/::warning::.*Resource not accessible.*actions: read/)
      expect((await compatOf(run)).notes.join()).toContain('actions: read')
      expect(run.outputs).toMatchObject({ conclusion: 'neither', faults: '1', regressions: '0' })
      expect(run.summary).toContain('At fault')
      expect(run.summary).toContain('actions: read')
      expect(run.exitCode).toBe(1)
      expect(run.log).toMatch(/::error::.*What of that is new can’t be said/)
    },
    STEP_MS,
  )

  it(
    'passes where nothing depends on it, with a warning',
    async () => {
      const run = await step({ ...scheduled, 'github-token': 'wrong', 'fail-on': 'never' })
      expect([run.exitCode, run.outputs['conclusion']]).toEqual([0, 'pass'])
      expect(run.log).toMatch(/::warning::.*actions: read/)
    },
    STEP_MS,
  )

  it(
    'takes a file that is none for the same',
    async () => {
      const run = await step({ results: 'results', baseline: 'none.json', 'fail-on': 'regression' })
      expect([run.exitCode, run.outputs['conclusion']]).toEqual([1, 'neither'])
      expect(run.log).toMatch(/::warning::The baseline .*none\.json can't be read/)
    },
    STEP_MS,
  )
})

describe('its inputs', () => {
  const read = (inputs: Record<string, string>): ReturnType<typeof readReportInputs> =>
    readReportInputs((name) => inputs[name] ?? '')

  it('ask for something to compare with where only the new is to fail', () => {
    expect(() => read({ 'fail-on': 'regression' })).toThrow(
      /needs something to compare with.*baseline/,
    )
  })

  it('refuse what they do not know', () => {
    expect(() => read({ 'fail-on': 'sometimes' })).toThrow(
      /fail-on is "sometimes".*regression, any, never/,
    )
    expect(() => read({ baseline: 'last-scheduled:../x' })).toThrow(/baseline is "\.\.\/x"/)
    expect(() => read({ 'artifact-name': 'a/b' })).toThrow(/artifact-name/)
    expect(() => read({ 'retention-days': 'ever' })).toThrow(/retention-days/)
  })
})
