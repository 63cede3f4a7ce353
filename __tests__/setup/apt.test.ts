import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CommandError, ConfigurationError } from '../../src/errors.js'
import { SILENT } from '../../src/log.js'
import { choosePackages, installPackages, parseOffered } from '../../src/setup/apt.js'

/** What `apt-cache policy docker.io docker-cli docker-ce cgroupfs-mount` prints on Debian 13. */
const POLICY = `docker.io:
  Installed: (none)
  Candidate: 26.1.5+dfsg1-9+deb13u1+b1
  Version table:
     26.1.5+dfsg1-9+deb13u1+b1 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
docker-cli:
  Installed: 26.1.5+dfsg1-9+deb13u1+b1
  Candidate: 26.1.5+dfsg1-9+deb13u1+b1
  Version table:
 *** 26.1.5+dfsg1-9+deb13u1+b1 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
        100 /var/lib/dpkg/status
cgroupfs-mount:
  Installed: (none)
  Candidate: (none)
  Version table:
`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apt-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A stand-in on the PATH that notes its arguments, a line a call, and then does as the script says. */
async function standIn(name: string, script: string): Promise<void> {
  const file = join(folder, name)
  await writeFile(file, `#!/bin/sh\necho "$*" >> "$CALLS"\n${script}\n`)
  await chmod(file, 0o755)
}

function environment(): Record<string, string> {
  return { PATH: `${folder}:/usr/bin:/bin`, CALLS: join(folder, 'calls') }
}

async function calls(): Promise<string[]> {
  const noted = await readFile(join(folder, 'calls'), 'utf8')
  return noted
    .trim()
    .split('\n')
    .map((line) => line.replace(/-o \S+ /g, ''))
}

test('offered is what has a candidate', () => {
  expect([...parseOffered(POLICY)]).toEqual(['docker.io', 'docker-cli'])
  expect(parseOffered('').size).toBe(0)
})

test('of each package the first offered name is taken, an optional one may fall out', () => {
  const offered = new Set(['docker.io', 'docker-cli'])
  expect(
    choosePackages(
      [
        { anyOf: ['docker-ce', 'docker.io'] },
        { anyOf: ['docker-ce-cli', 'docker-cli'], optional: true },
        { anyOf: ['docker-buildx'], optional: true },
      ],
      offered,
    ),
  ).toEqual(['docker.io', 'docker-cli'])
  expect(() => choosePackages([{ anyOf: ['docker-ce', 'docker.io'] }], new Set())).toThrow(
    /no package named docker-ce or docker\.io/,
  )
})

test('packages are announced before they are installed, none is removed for them', async () => {
  await standIn('apt-get', '')
  await standIn('apt-cache', `cat <<'END'\n${POLICY}END`)
  const said: string[] = []
  const log = {
    ...SILENT,
    info: (message: string) => {
      said.push(message)
    },
  }
  const chosen = await installPackages(
    [{ anyOf: ['docker.io'] }, { anyOf: ['docker-buildx'], optional: true }],
    { log, env: environment() },
  )
  expect(chosen).toEqual(['docker.io'])
  expect(said.at(-1)).toBe('Installing with apt-get: docker.io.')
  expect(await calls()).toEqual([
    'update',
    'policy docker.io docker-buildx',
    'install --yes --no-install-recommends --no-remove docker.io',
  ])
})

test('a lock that another apt holds is tried again', async () => {
  await standIn(
    'apt-get',
    `[ "$(grep -c update "$CALLS")" -gt 1 ] || { echo 'E: Could not get lock /var/lib/apt/lists/lock.' >&2; exit 100; }`,
  )
  await standIn('apt-cache', `cat <<'END'\n${POLICY}END`)
  await installPackages([{ anyOf: ['docker.io'] }], {
    log: SILENT,
    env: environment(),
    firstRetryMs: 1,
  })
  expect((await calls()).filter((call) => call === 'update')).toHaveLength(2)
})

test('a failure that will not pass is reported at once, with the words of apt', async () => {
  await standIn('apt-get', `[ "$1" != x ] && { echo 'E: Unmet dependencies.' >&2; exit 100; }`)
  const failing = installPackages([{ anyOf: ['docker.io'] }], { log: SILENT, env: environment() })
  await expect(failing).rejects.toThrow(CommandError)
  await expect(failing).rejects.toThrow(/Unmet dependencies/)
  expect(await calls()).toEqual(['update'])
})

test('where apt offers nothing, nothing is installed', async () => {
  await standIn('apt-get', '')
  await standIn('apt-cache', '')
  await expect(
    installPackages([{ anyOf: ['docker.io'] }], { log: SILENT, env: environment() }),
  ).rejects.toThrow(ConfigurationError)
  expect(await calls()).toEqual(['update', 'policy docker.io'])
})
