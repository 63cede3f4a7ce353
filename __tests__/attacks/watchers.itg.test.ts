import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Result } from '../../src/result/schema.js'
import { removeImage } from '../helpers/images.js'
import type { StepRun } from '../helpers/runner.js'
import { attemptsOf, makeIntruder, runIntruder } from './intruder.js'

/** What a tracer could do, to each of those who watch. */
const LOOKS = [
  ...['memory read', 'memory written', 'process_vm_readv', 'process_vm_writev'],
  ...['environment', 'files', 'output', 'ptrace'],
]
const ALL = ['progress', 'gdb'].flatMap((name) => LOOKS.map((look) => `${name} ${look}`))
const TRACE = { command: 'trace progress gdb' }

/** Images that start the hostile program as root, who owns the watchers too, and as somebody else. */
let asRoot: string
let asUser: string

beforeAll(async () => {
  asRoot = await makeIntruder(0)
  asUser = await makeIntruder(1000)
})
afterAll(async () => {
  await removeImage(asRoot)
  await removeImage(asUser)
})

async function readResult(step: StepRun): Promise<Result> {
  return Result.parse(JSON.parse(await readFile(step.outputs['result-path'] ?? '', 'utf8')))
}

describe('a program that looks into the sampler and gdb', () => {
  it('would get all of them with the capability to trace', async () => {
    const { output } = await runIntruder({
      ...{ image: asRoot, ...TRACE, 'run-options': '--cap-add=SYS_PTRACE' },
    })
    expect(attemptsOf(output)).toEqual(Object.fromEntries(ALL.map((look) => [look, 'reached'])))
  })

  it.each(['root', 'somebody else'])('gets nothing as %s', async (who) => {
    const image = who === 'root' ? asRoot : asUser
    const { step, output } = await runIntruder({ image, ...TRACE })
    const attempts = attemptsOf(output)
    expect(Object.keys(attempts).toSorted()).toEqual(ALL.toSorted())
    for (const how of Object.values(attempts)) expect(how).toMatch(/^refused \((EPERM|EACCES)\)$/)
    expect(step.outputs['outcome']).toBe('stalled')
  })
})

describe('a program that ends those who watch it', () => {
  it('can’t as somebody else: they go on, and what they saw is kept', async () => {
    const command = 'signal 9 quiet progress gdb'
    const { step, output } = await runIntruder({ image: asUser, command })
    expect(attemptsOf(output)).toEqual({ progress: 'refused (EPERM)', gdb: 'refused (EPERM)' })
    expect(step.outputs['outcome']).toBe('stalled')
    const folder = dirname(step.outputs['result-path'] ?? '')
    expect(await readFile(join(folder, 'threads.txt'), 'utf8')).toContain('stand')
  })

  it('kills the sampler as root, and that which takes its place, and is inconclusive for it', async () => {
    const { step, output } = await runIntruder({ image: asRoot, command: 'signal 9 loud progress' })
    expect(output.match(/progress: reached/g)).toHaveLength(2)
    expect([step.exitCode, step.outputs['outcome']]).toEqual([1, 'inconclusive'])
    const { ending } = await readResult(step)
    expect(ending).toMatchObject({ reason: 'lost' })
  })

  it('stops the sampler as root, and is inconclusive for it, though the whole duration passes', async () => {
    const command = 'signal 19 loud progress'
    const { step, output } = await runIntruder({ image: asRoot, command })
    expect(attemptsOf(output)).toEqual({ progress: 'reached' })
    expect([step.exitCode, step.outputs['outcome']]).toEqual([1, 'inconclusive'])
    expect(step.outputs['headline']).toContain('the sampler told nothing for 15 s')
  })

  it('kills each gdb as root, and is not clean for it', async () => {
    const { step, output } = await runIntruder({ image: asRoot, command: 'signal 9 loud gdb' })
    expect(attemptsOf(output)).toEqual({ gdb: 'reached' })
    expect([step.exitCode, step.outputs['outcome']]).toEqual([1, 'stalled'])
    expect(step.outputs['headline']).toContain('gdb could not look into it')
  })
})
