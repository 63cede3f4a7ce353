import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { countTests, describeCounts } from '../../scripts/count-tests.js'
import { runCommand } from '../../src/exec.js'
import { hostEnvironment } from '../helpers/tools.js'

const VITEST = resolve(import.meta.dirname, '../../node_modules/.bin/vitest')
const RUN_MS = 60_000
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'count-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function runVitest(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
  await runCommand(
    VITEST,
    ['run', '--root', folder, '--globals', '--reporter=json', `--outputFile=results-${name}.json`],
    { env: hostEnvironment(), deadlineMs: RUN_MS, allowFailure: true },
  )
  for (const file of Object.keys(files)) await rm(join(folder, file))
}

test(
  'real runs are added up; a file that does not load counts as a failure',
  async () => {
    await runVitest('one', {
      'a.test.js':
        'test("a", () => {}); test("b", () => { throw new Error("no") }); test.skip("c", () => {})',
      'b.test.js': 'throw new Error("does not load")',
    })
    await runVitest('two', { 'c.test.js': 'test("d", () => {}); test("e", () => {})' })
    const counts = await countTests(folder)
    expect(counts).toEqual({ passed: 3, failed: 2, skipped: 1 })
    expect(describeCounts(counts)).toBe('3 passed, 2 failed, 1 skipped')
  },
  RUN_MS,
)

test('no results are no passes', async () => {
  expect(describeCounts(await countTests(folder))).toBe('0 passed, 0 failed')
})
