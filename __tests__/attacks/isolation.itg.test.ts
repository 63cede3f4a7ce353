import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { removeImage } from '../helpers/images.js'
import { leftContainers } from '../helpers/leftovers.js'
import { attemptsOf, makeIntruder, runIntruder } from './intruder.js'

const VARIABLE = 'ACTIONS_RUNTIME_TOKEN'
const secret = randomUUID()

let image: string
let folder: string
let server: Server
let engineSocket: string
let holder: ChildProcess
/** What the hostile program is told to reach */
let aims: string[]

beforeAll(async () => {
  image = await makeIntruder(0)
  folder = await mkdtemp(join(tmpdir(), 'secret-'))
  await writeFile(join(folder, 'file'), secret)
  server = createServer((client) => client.end('x'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { stdout } = await execa('docker', [
    ...['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'],
  ])
  engineSocket = stdout.replace('unix://', '')
  holder = spawn('sleep', ['600'], { env: { ...process.env, [VARIABLE]: secret } })
  const { port } = server.address() as AddressInfo
  aims = ['reach', join(folder, 'file'), VARIABLE, String(port), engineSocket]
})
afterAll(async () => {
  holder.kill()
  server.close()
  await removeImage(image)
  await rm(folder, { recursive: true })
})

async function attack(options: readonly string[]): Promise<Record<string, string>> {
  const { stdout } = await execa('docker', ['run', '--rm', ...options, image, ...aims])
  return attemptsOf(stdout)
}

describe('a program that reaches for the runner', () => {
  it('would have its files, its environment, its network and its engine, were they lent to it', async () => {
    const attempts = await attack([
      ...['--pid', 'host', '--cap-add', 'SYS_PTRACE', '--network', 'host'],
      ...['--volume', `${folder}:${folder}`, '--volume', `${engineSocket}:${engineSocket}`],
      ...['--env', `${VARIABLE}=${secret}`],
    ])
    expect(attempts).toMatchObject({
      file: 'reached',
      'file of others': 'reached',
      variable: 'reached',
      'variable of others': 'reached',
      loopback: 'reached',
      engine: 'reached',
    })
  })

  it('would have a way out in any container that nobody closed', async () => {
    expect((await attack([]))['route']).toBe('reached')
  })

  it('has none of it in a step', async () => {
    const { step, output } = await runIntruder(
      { image, command: aims.join(' ') },
      { [VARIABLE]: secret },
    )
    expect(step.outputs['outcome']).toBe('exited')
    expect(attemptsOf(output)).toEqual({
      file: 'refused (ENOENT)',
      'file of others': 'refused (ENOENT)',
      variable: 'refused (ENOENT)',
      'variable of others': expect.stringMatching(/^refused/) as string,
      loopback: 'refused (ECONNREFUSED)',
      route: 'refused (ENETUNREACH)',
      engine: 'refused (ENOENT)',
    })
    const results = dirname(step.outputs['result-path'] ?? '')
    const written = await Promise.all(
      (await readdir(results)).map((name) => readFile(join(results, name), 'utf8')),
    )
    expect([step.log, step.summary, ...written].join('\n')).not.toContain(secret)
  })
})

describe('a program that makes processes without end', () => {
  /** More than the limit of a target */
  const MANY = '9000'

  it('would fill the machine in a container without a limit', async () => {
    const name = `intruder-${randomUUID()}`
    await execa('docker', ['run', '--detach', '--name', name, image, 'multiply', MANY])
    try {
      await vi.waitFor(
        async () => {
          const { stdout } = await execa('docker', ['logs', name])
          expect(attemptsOf(stdout)).toEqual({ processes: 'reached' })
        },
        { timeout: 60_000, interval: 200 },
      )
    } finally {
      await execa('docker', ['rm', '--force', name])
    }
  })

  it('comes to its limit in a step, is watched all the same, and leaves none', async () => {
    const { step, output } = await runIntruder({ image, command: `multiply ${MANY}` })
    expect(attemptsOf(output)).toEqual({ processes: 'refused (EAGAIN)' })
    expect(output).toContain('well')
    expect(step.outputs['outcome']).toMatch(/^(clean|stalled)$/)
    expect(await leftContainers(step.state['run-id'])).toEqual([])
  })
})

it('hands a command’s words on as they are: no shell, no option of the engine, no line of a script', async () => {
  const texts = [
    ...['$(touch /owned)', '`id`', '; reboot', '| sh', '> /owned', '*', '~', '%0A::error::x'],
    ...['--privileged', '-v', '{{.ID}}', "'", '"', '\\', 'two\nlines', '${HOME}', '#', '!!', '&'],
  ]
  const quoted = texts.map((text) => `'${text.replaceAll("'", `'"'"'`)}'`).join(' ')
  const { output } = await runIntruder({ image, command: `print ${quoted}` })
  const lines = output.trimEnd().split('\n')
  expect(lines.map((line) => line.replace(/^\[ *[\d.]+\] /, '')).join('\n')).toBe(texts.join('\n'))
})
