import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { scrubEnvironment } from '../../src/environment.js'
import { runCommand } from '../../src/exec.js'
import { Compat } from '../../src/matrix/compat.js'
import { makePlan, resultOf } from '../helpers/matrix.js'
import { ROOT } from '../helpers/runner.js'

const TEST_MS = 60_000
const SPEC = 'axes:\n  glibc: [2.31, 2.36]\n  symbolizer: [ianlancetaylor, nsrip-dd]\n'

/** The command line from its source, in a folder of its own. */
function command(cwd: string, ...args: string[]): ReturnType<typeof runCommand> {
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs')
  const main = join(ROOT, 'src', 'cli', 'main.ts')
  const env = scrubEnvironment(process.env)
  return runCommand(process.execPath, ['--import', tsx, main, ...args], {
    ...{ cwd, env, deadlineMs: TEST_MS, allowFailure: true },
  })
}

it(
  'shows the cells of a spec, and gives them as GitHub takes them',
  async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'matrix-cli-'))
    await writeFile(join(cwd, 'cells.yml'), `${SPEC}exclude: [{ glibc: 2.28 }]\n`)
    const shown = await command(cwd, 'matrix', 'cells.yml')
    expect(shown.stdout).toContain('glibc 2.31, nsrip-dd\n')
    expect(shown.stdout).toContain('4 cells in 4 images\nnote: exclude[0] matches no combination.')
    const json = await command(cwd, 'matrix', 'cells.yml', '--json')
    expect(z.array(z.object({ slug: z.string() })).parse(JSON.parse(json.stdout))).toHaveLength(4)
    const wrong = await command(cwd, 'matrix', 'none.yml')
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      1,
      expect.stringContaining('a preset: quick') as string,
    ])
  },
  TEST_MS,
)

it(
  'reports on a folder of results: table, files and exit code',
  async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'report-cli-'))
    await writeFile(join(cwd, 'cells.yml'), SPEC)
    for (const [at, cell] of makePlan().cells.entries()) {
      await mkdir(join(cwd, 'results', cell.slug), { recursive: true })
      const text = JSON.stringify(resultOf(cell, at === 0 ? 'deadlock' : 'clean'))
      await writeFile(join(cwd, 'results', cell.slug, 'result.json'), text)
    }
    const failed = await command(cwd, 'report', 'results', '--spec', 'cells.yml')
    expect(failed.exitCode).toBe(2)
    expect(failed.stdout).toContain('deadlocks at 2.31 (1 of 2 cells); none at 2.36 (0 of 2 cells)')
    const compat = Compat.parse(
      JSON.parse(await readFile(join(cwd, 'results/compat.json'), 'utf8')),
    )
    expect(compat.conclusion).toBe('fail')

    await cp(join(cwd, 'results/compat.json'), join(cwd, 'before.json'))
    const baseline = ['--baseline', 'before.json', '--fail-on', 'regression']
    const same = await command(cwd, 'report', 'results', ...baseline)
    expect(same.exitCode).toBe(0)
    const unfounded = await command(cwd, 'report', 'results', '--fail-on', 'regression')
    expect([unfounded.exitCode, unfounded.stderr]).toEqual([
      1,
      expect.stringContaining('--baseline') as string,
    ])
    const none = await command(cwd, 'report', 'nowhere')
    expect(none.stderr).toMatch(/nowhere can't be read/)
  },
  TEST_MS * 2,
)
