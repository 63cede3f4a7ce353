import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCellFromCommandLine } from '../helpers/command-line.js'
import type { CommandLineRun } from '../helpers/command-line.js'
import { leftContainers } from '../helpers/leftovers.js'
import { ROOT } from '../helpers/runner.js'

const NOTES = join(ROOT, '__tests__/fixtures/programs/notes/cmd')

/** A Go program that keeps notes in SQLite, which Debian has and its base image has not. */
async function runNotes(name: string, ...flags: string[]): Promise<CommandLineRun> {
  const program = ['--program', join(NOTES, name), '--packages', 'libsqlite3-dev']
  const run = await runCellFromCommandLine([...program, '--experiment', 'natural', ...flags])
  expect(await leftContainers(run.result.id)).toEqual([])
  return run
}

describe('a Go program of the user’s own that needs a Debian library', () => {
  it('is built and watched, and its deadlock in that library proven while it goes on printing', async () => {
    const { result, exitCode } = await runNotes('hang')
    expect(result.outcome).toBe('deadlock')
    expect(result.ending.reason).toBe('confirmed')
    expect(result.diagnosis).toMatchObject({ class: 'lock-cycle', confidence: 'proven' })
    expect(result.diagnosis?.culprits).toHaveLength(2)
    for (const culprit of result.diagnosis?.culprits ?? [])
      expect(culprit.pid).toEqual(expect.any(Number))
    expect(exitCode).toBe(2)
    expect(result.image).toMatch(/^cgo-deadlock\/program:/)
    expect(result.asked).toMatchObject({ packages: 'libsqlite3-dev', symbolizer: '' })
  })

  it('is clean where it has none', async () => {
    const { result, exitCode } = await runNotes('steady', '--duration', '6s')
    expect(result.outcome).toBe('clean')
    expect(result.counts.outputLines).toBeGreaterThan(5)
    expect(result.toolchain).toMatchObject({ glibc: '2.41', symbolizer: null })
    expect(exitCode).toBe(0)
  })
})
