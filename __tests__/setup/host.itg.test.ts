import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { findEngine } from '../../src/engine.js'
import { runCommand } from '../../src/exec.js'
import { hostEnvironment } from '../helpers/tools.js'

test('the set-up before these tests leaves Docker that builds, and podman with settings that work here', async () => {
  const env = hostEnvironment()
  const docker = await findEngine('docker', env)
  expect(docker.build).not.toBeNull()
  const settings = await readFile(process.env['CONTAINERS_CONF'] ?? '', 'utf8')
  expect(settings).toContain('runtime = "runc"')
  const podman = await runCommand(
    'podman',
    ['info', '--format', '{{.Host.OCIRuntime.Name}} {{.Host.CgroupManager}}'],
    { env, deadlineMs: 60_000 },
  )
  expect(podman.stdout.trim()).toBe('runc cgroupfs')
})
