import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findEngine } from '../../src/engine.js'
import { scrubEnvironment } from '../../src/environment.js'
import { runCell } from '../../src/experiment/cell.js'
import { planCell } from '../../src/experiment/plan.js'
import { actingInputs, readInputs, readInputTexts } from '../../src/inputs/inputs.js'
import { SILENT } from '../../src/log.js'
import type { Result } from '../../src/result/schema.js'

const PROGRAMS = join(import.meta.dirname, '../fixtures/programs')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-program-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Sweeps a program that knows no option but its own, and throws in a C++ library. */
async function sweep(toolchain: Readonly<Record<string, string>>): Promise<Result> {
  const given: Readonly<Record<string, string>> = {
    ...{ program: './server/cmd/server', packages: 'nlohmann-json3-dev', experiment: 'sweep' },
    ...toolchain,
  }
  const read = (name: string): string => given[name] ?? ''
  const env = scrubEnvironment(process.env)
  const deps = { env, log: SILENT, signal: new AbortController().signal }
  const place = { folder, cwd: PROGRAMS }
  const plan = await planCell(readInputs(read), actingInputs(readInputTexts(read)), place, deps)
  const host = { engine: await findEngine(undefined, env), env }
  return (await runCell({ ...plan, sweepMap: false }, host, deps)).material.result
}

it('sweeps a throw of the user’s own program, and finds it immune on today’s toolchain', async () => {
  const result = await sweep({ 'base-image': 'debian:trixie' })
  expect([result.outcome, result.conclusion]).toEqual(['immune', 'pass'])
  expect(result.sweep?.observed).not.toBeNull()
})

it('finds the instruction at which it hangs on an old one', async () => {
  const result = await sweep({ 'base-image': 'debian:bullseye' })
  expect([result.outcome, result.conclusion]).toEqual(['deadlock', 'fail'])
  expect(result.diagnosis?.class).toBe('signal-reentrancy')
})
