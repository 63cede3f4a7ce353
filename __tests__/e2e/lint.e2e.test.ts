import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../src/exec.js'
import type { CommandOutput } from '../../src/exec.js'
import { ROOT } from '../helpers/runner.js'
import { hostEnvironment } from '../helpers/tools.js'
import { installWorkflowTools } from './tools.js'
import type { WorkflowTools } from './tools.js'

/** A step that puts text from outside into a script: both tools know it for what it is. */
const BAD_WORKFLOW = `
on: pull_request
jobs:
  greet:
    runs-on: ubuntu-24.04
    steps:
      - run: echo \${{ github.event.pull_request.title }}
`

let tools: WorkflowTools
let folder: string

beforeAll(async () => {
  tools = await installWorkflowTools()
  folder = await mkdtemp(join(tmpdir(), 'workflow-'))
  await writeFile(join(folder, 'bad.yml'), BAD_WORKFLOW)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function check(command: string, ...args: string[]): Promise<CommandOutput> {
  const options = { env: hostEnvironment(), cwd: ROOT, deadlineMs: 120_000, allowFailure: true }
  return runCommand(command, args, options)
}

/** Workflows to copy, by their paths; neither tool looks for them there by itself. */
async function examples(): Promise<string[]> {
  const names = await readdir(join(ROOT, 'examples'))
  return names
    .filter((name) => name.endsWith('.yml') && name !== 'cells.yml')
    .map((name) => join('examples', name))
}

describe('actionlint', () => {
  it('finds nothing in the workflows', async () => {
    expect(await check(tools.actionlint)).toMatchObject({ exitCode: 0, stdout: '' })
  })

  it('finds nothing in the examples', async () => {
    const found = await check(tools.actionlint, ...(await examples()))
    expect(found).toMatchObject({ exitCode: 0, stdout: '' })
  })

  it('would find a script that takes text from outside', async () => {
    const found = await check(tools.actionlint, join(folder, 'bad.yml'))
    expect(found.stdout).toContain('potentially untrusted')
  })
})

describe('zizmor', () => {
  const strict = ['--offline', '--no-progress', '--persona', 'pedantic']

  it('finds nothing in the workflows and the metadata of the actions', async () => {
    const found = await check(tools.zizmor, ...strict, '.')
    expect(found.stdout + found.stderr).toContain('No findings to report')
    expect(found.exitCode).toBe(0)
  })

  it('finds nothing in the examples', async () => {
    const config = ['--config', '.github/zizmor.yml']
    const found = await check(tools.zizmor, ...strict, ...config, ...(await examples()))
    expect(found.stdout + found.stderr).toContain('No findings to report')
    expect(found.exitCode).toBe(0)
  })

  it('would find a script that takes text from outside', async () => {
    const found = await check(tools.zizmor, ...strict, join(folder, 'bad.yml'))
    expect(found.stdout).toContain('template-injection')
    expect(found.exitCode).not.toBe(0)
  })
})
