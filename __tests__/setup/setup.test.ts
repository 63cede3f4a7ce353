import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { SILENT } from '../../src/log.js'
import type { Logger } from '../../src/log.js'
import { setUpHost } from '../../src/setup/setup.js'

let folder: string
let said: string[]
let log: Logger
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'setup-'))
  said = []
  log = { ...SILENT, info: (message) => void said.push(message) }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, name), 0o755)
}

test('a machine with Docker is left as it is, in one line', async () => {
  await program('docker', '[ "$1" = version ] && echo 20.10.24 || [ "$1" = image ]')
  await setUpHost({ log, env: { PATH: folder }, installs: true })
  expect(said).toEqual(['Nothing to set up: docker answers and can build.'])
})

test('a dead DOCKER_HOST is refused, set-up or not', async () => {
  await program('docker', 'echo "Cannot connect to $DOCKER_HOST." >&2; exit 1')
  for (const installs of [true, false]) {
    const refused = setUpHost({
      log,
      env: { PATH: folder, DOCKER_HOST: 'tcp://127.0.0.1:9' },
      engine: 'docker',
      installs,
    })
    await expect(refused).rejects.toThrow(ConfigurationError)
    await expect(refused).rejects.toThrow(/DOCKER_HOST is tcp:\/\/127\.0\.0\.1:9/)
  }
})

test('without leave to install, it says what is missing and how to get it', async () => {
  await program('apt-get', 'exit 1')
  const refused = setUpHost({ log, env: { PATH: folder }, engine: 'docker', installs: false })
  await expect(refused).rejects.toThrow(ConfigurationError)
  await expect(refused).rejects.toThrow(/[Mm]issing.*a container engine.*root/s)
})
