import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findEngine } from '../../src/engine.js'
import { runCommand } from '../../src/exec.js'
import type { CommandOutput } from '../../src/exec.js'
import { ensureBase } from '../../src/image/base.js'
import { hostEnvironment, LOUD } from '../helpers/tools.js'

/** What a daemon inside a container needs. `--privileged` would ask for capabilities that not every host has. */
const ALMOST_A_MACHINE = [
  ...['--init', '--security-opt', 'seccomp=unconfined', '--security-opt', 'systempaths=unconfined'],
  ...['--device-cgroup-rule', 'a *:* rwm', '--volume', '/sys/fs/cgroup:/sys/fs/cgroup'],
  ...['--volume', '/var/lib/docker'],
  ...['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE', 'SYS_CHROOT'].flatMap((name) => ['--cap-add', name]),
]
/** What a user runs; `npm run check-dist` sees to it that the sources build it. */
const BUNDLE = resolve(import.meta.dirname, '../../dist/cli')
const COMMAND_MS = 300_000
const env = hostEnvironment()
let folder: string
let machine: string

function docker(...arguments_: readonly string[]): Promise<CommandOutput> {
  return runCommand('docker', arguments_, { env, deadlineMs: COMMAND_MS, allowFailure: true })
}

/** Our command on the bare machine. */
function cgoDeadlock(user: string, ...arguments_: readonly string[]): Promise<CommandOutput> {
  return docker('exec', '--user', user, machine, 'node', '/opt/cli/index.js', ...arguments_)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bare-machine-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(() => docker('rm', '--force', '--volumes', machine))

async function startMachine(base: string): Promise<void> {
  const deps = { engine: await findEngine('docker', env), env, log: LOUD, folder }
  const none = { imageRegistry: undefined, aptMirror: undefined }
  const { name } = await ensureBase(base, { ...deps, ...none })
  machine = `bare-machine-${randomUUID()}`
  const started = await docker(
    'run',
    '--detach',
    '--name',
    machine,
    ...ALMOST_A_MACHINE,
    name,
    'sleep',
    '3600',
  )
  expect(started.stderr).toBe('')
  await docker('cp', '--follow-link', process.execPath, `${machine}:/usr/local/bin/node`)
  await docker('cp', BUNDLE, `${machine}:/opt/cli`)
}

describe.each(['debian:bookworm', 'debian:trixie'])('%s with nothing but Node', (base) => {
  test('a user without root is told what is missing; root gets Docker that runs and builds', async () => {
    await startMachine(base)

    const refused = await cgoDeadlock('nobody', 'setup')
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('a container engine')
    expect(refused.stderr).toContain('apt-get install docker.io')
    expect(refused.stderr).not.toMatch(/^\s+at /m)

    const done = await cgoDeadlock('root', 'setup')
    expect(done.stderr).toMatch(/Installing with apt-get: docker\.io.*Docker daemon started/s)
    expect(done.exitCode).toBe(0)
    const server = await docker(
      'exec',
      machine,
      'docker',
      'version',
      '--format',
      '{{.Server.Version}}',
    )
    expect(server.stdout).toMatch(/^\d+\.\d+/)

    const again = await cgoDeadlock('root', 'setup')
    expect(again.stderr).toContain('Nothing to set up')
    expect(again.stderr).not.toContain('Installing')
  })
})
