import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { scrubEnvironment } from '../../src/environment.js'
import { runCommand } from '../../src/exec.js'
import { makeRepository } from '../helpers/repository.js'
import { ROOT } from '../helpers/runner.js'

const TEST_MS = 60_000
let cwd: string

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'bisect-cli-'))
})

/** The command line from its source; it ends before it needs an engine. */
async function complaint(...args: string[]): Promise<string> {
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs')
  const main = join(ROOT, 'src', 'cli', 'main.ts')
  const { exitCode, stdout, stderr } = await runCommand(
    process.execPath,
    ['--import', tsx, main, 'bisect', ...args],
    { env: scrubEnvironment(process.env), cwd, deadlineMs: TEST_MS, allowFailure: true },
  )
  expect({ exitCode, stdout, left: await readdir(cwd) }).toEqual({
    ...{ exitCode: 1, stdout: '', left: [] },
  })
  return stderr
}

it(
  'refuses ends that are not on the axis, naming those that are',
  async () => {
    expect(await complaint('--axis', 'glibc', '--good', '2.36', '--bad', '2.30')).toContain(
      '--bad is 2.30. Allowed here: 2.27, 2.28, 2.31',
    )
    const folder = (await makeRepository()).folder
    const ends = ['--good', 'v1', '--bad', 'main', '--repository', folder]
    expect(await complaint('--axis', 'symbolizer', ...ends)).toContain('has no commit v1')
    expect(await complaint('--axis', 'libc', '--good', '1', '--bad', '2')).toContain(
      'Allowed choices are symbolizer, go, gcc, glibc',
    )
  },
  TEST_MS,
)

it(
  'refuses an input that the axis sets itself, and one that is malformed',
  async () => {
    const ends = ['--axis', 'gcc', '--good', '12', '--bad', '11']
    expect(await complaint(...ends, '--gcc-version', '12')).toContain(
      '--gcc-version is 12, but with --axis gcc each point has its own. Leave out --gcc-version.',
    )
    expect(await complaint(...ends, '--libgcc', 'some')).toContain('Input libgcc is "some"')
  },
  TEST_MS,
)
