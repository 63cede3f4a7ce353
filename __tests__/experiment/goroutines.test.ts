import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { scrubEnvironment } from '../../src/environment.js'
import { quitThroughGdb } from '../../src/experiment/goroutines.js'
import { recordOutput } from '../../src/experiment/output.js'
import { findGdb } from '../../src/host/gdb.js'
import { makeFolder } from '../helpers/native.js'

const LIMIT_MS = 120_000
const IDLE = join(import.meta.dirname, '../fixtures/dumps/programs/go-idle')

let folder: Awaited<ReturnType<typeof makeFolder>>
const gdb = await findGdb(scrubEnvironment(process.env), new AbortController().signal)

beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => folder.remove())

function threadsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(Number)
}

it(
  'has a Go program print its goroutines, by tracing alone, and end',
  async () => {
    const program = join(folder.path, 'idle')
    const env = { CGO_ENABLED: '0', GOFLAGS: '-trimpath' }
    await execa('go', ['build', '-o', program, '.'], { cwd: IDLE, env })
    const child = spawn(program, { stdio: ['ignore', 'pipe', 'pipe'] })
    const exited = new Promise((resolve) => child.once('exit', resolve))
    const output = recordOutput()
    child.stderr.on('data', (chunk: Buffer) => output.add(chunk, 0))
    await vi.waitUntil(() => threadsOf(child.pid!).length > 3, { timeout: 10_000 })
    const text = await quitThroughGdb(
      gdb,
      { pid: child.pid!, tid: threadsOf(child.pid!).at(-1)! },
      output,
    )
    expect(text).toMatch(/^SIGQUIT: quit$/m)
    expect(text).toMatch(/^goroutine 1 [^]*main\.main\(\)/m)
    expect(await exited).toBe(2)
  },
  LIMIT_MS,
)

it(
  'gives nothing for a program that is not Go’s',
  async () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' })
    const exited = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
    const text = await quitThroughGdb(gdb, { pid: child.pid!, tid: child.pid! }, recordOutput())
    expect(text).toBe('')
    expect(await exited).toBe('SIGQUIT')
  },
  LIMIT_MS,
)
