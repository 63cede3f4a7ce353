import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { mkdtemp } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { runStep } from '../helpers/runner.js'
import type { StepRun } from '../helpers/runner.js'

const STEP_MS = 60_000
const Include = z.array(z.record(z.string(), z.string()))

async function step(inputs: Record<string, string>, spec?: string): Promise<StepRun> {
  const workspace = await mkdtemp(join(tmpdir(), 'matrix-step-'))
  await mkdir(join(workspace, '.github'))
  if (spec !== undefined) await writeFile(join(workspace, '.github', 'cells.yml'), spec)
  return runStep('matrix', { source: true, inputs, env: { GITHUB_WORKSPACE: workspace } })
}

const include = (run: StepRun): Record<string, string>[] =>
  Include.parse(JSON.parse(run.outputs['include'] ?? ''))

it(
  'gives the cells of a spec, and what was left out with its reason',
  async () => {
    const spec = 'axes:\n  glibc: [2.31, 2.34]\n  runner: [ubuntu-24.04]\nwith: { duration: 7s }\n'
    const run = await step({ spec: '.github/cells.yml' }, spec)
    expect(run.exitCode).toBe(0)
    expect(include(run)).toMatchObject([
      {
        name: 'glibc 2.31, ubuntu-24.04',
        runner: 'ubuntu-24.04',
        'glibc-version': '2.31',
        duration: '7s',
        expect: 'any',
      },
    ])
    expect(run.outputs['count']).toBe('1')
    expect(run.outputs['left-out']).toContain('almalinux:9')
    expect(run.log).toContain('glibc 2.31, ubuntu-24.04')
  },
  STEP_MS,
)

it(
  'without any input gives the boundary’s cells; with changed paths only those that they touch',
  async () => {
    const all = await step({})
    expect(include(all).length).toBeGreaterThanOrEqual(5)
    const none = await step({ spec: 'quick', 'affected-by': 'README.md\ndocs/a.md' })
    expect([none.exitCode, none.outputs['include'], none.outputs['count']]).toEqual([0, '[]', '0'])
  },
  STEP_MS,
)

it(
  'fails with file, line and column for a mistake in the spec',
  async () => {
    const run = await step({ spec: '.github/cells.yml' }, 'axes:\n  glibc: 2.3.1\n')
    expect(run.exitCode).toBe(1)
    expect(run.log).toMatch(/::error::\.github\/cells\.yml:2:10: .*2\.3\.1/)
    expect(run.log).not.toContain('    at ')
    const missing = await step({ spec: 'none.yml' })
    expect(missing.log).toMatch(
      /::error::The spec "none\.yml" can't be read.*a preset: quick, full, symbolizer/,
    )
  },
  STEP_MS,
)
