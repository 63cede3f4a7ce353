import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseSystem, readHost } from '../../src/setup/read-host.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, name), 0o755)
}

test.each([
  [
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
    'Debian GNU/Linux 12 (bookworm)',
    true,
  ],
  [
    'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 24.04.3 LTS"\nID=ubuntu\nID_LIKE=debian\n',
    'Ubuntu 24.04.3 LTS',
    true,
  ],
  ['PRETTY_NAME=\'Linux Mint 22\'\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'Linux Mint 22', true],
  ['NAME="Fedora Linux"\nID=fedora\n', 'Fedora Linux', false],
  ['', 'an unknown system', false],
])('the system is read from os-release: %j', (text, name, debianLike) => {
  expect(parseSystem(text)).toEqual({ name, debianLike })
})

test('an empty PATH: nothing is here, and it says so of each engine', async () => {
  const facts = await readHost({ env: { PATH: folder }, bases: ['debian:trixie'] })
  expect(facts).toMatchObject({
    client: false,
    daemon: false,
    engine: null,
    engineSays: 'docker: not installed. podman: not installed.',
    mmdebstrap: false,
    missingBases: [],
  })
})

test('a dead DOCKER_HOST is a fact; the default socket is not one', async () => {
  await program('docker', 'echo "Cannot connect to the Docker daemon at $DOCKER_HOST." >&2; exit 1')
  const read = (host: string) =>
    readHost({ env: { PATH: folder, DOCKER_HOST: host }, bases: [], engine: 'docker' })
  expect(await read('tcp://127.0.0.1:9')).toMatchObject({
    client: true,
    engine: null,
    dockerHost: 'tcp://127.0.0.1:9',
    engineSays: 'docker: Cannot connect to the Docker daemon at tcp://127.0.0.1:9.',
  })
  expect((await read('unix:///var/run/docker.sock')).dockerHost).toBeUndefined()
})

test('a base counts as missing when it is neither here nor can be pulled, and is no business of ours unless Debian', async () => {
  await program(
    'docker',
    `case "$1 $2 $3" in
      "version --format {{.Server.Version}}"|"version --format {{.Client.Version}}") echo 20.10.24 ;;
      "image inspect debian:here"|"pull --quiet debian:pullable") ;;
      *) exit 1 ;;
    esac`,
  )
  const facts = await readHost({
    env: { PATH: folder },
    bases: ['debian:here', 'debian:pullable', 'mirror.example/debian:lost', 'gcc:13'],
  })
  expect(facts.engine).toEqual({ name: 'docker', builds: true })
  expect(facts.missingBases).toEqual(['mirror.example/debian:lost'])
})

test('where mmdebstrap is here, no pull is tried', async () => {
  await program('docker', '[ "$1" = version ] && echo 20.10.24')
  await program('mmdebstrap', '')
  const facts = await readHost({ env: { PATH: folder }, bases: ['debian:lost'] })
  expect(facts).toMatchObject({ mmdebstrap: true, missingBases: [] })
})
