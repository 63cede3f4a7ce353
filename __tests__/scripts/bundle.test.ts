import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scrubEnvironment } from '../../src/environment.js'
import { runCommand } from '../../src/exec.js'
import { bundleAll, ENTRIES } from '../../scripts/bundle.js'
import { compareFolders } from '../../scripts/compare-folders.js'

const ROOT = resolve(import.meta.dirname, '../..')
const BUILD_TEST_MS = 120_000
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A program of a few lines inside the repository's reach, so that its imports resolve. */
async function program(name: string, text: string): Promise<string> {
  const source = join(folder, name)
  await writeFile(join(folder, 'package.json'), '{"type": "module"}')
  await writeFile(source, text)
  return source
}

test(
  'a bundle runs by itself, carries its licences, and is the same when built again',
  async () => {
    const source = await program(
      'small.js',
      `import { Command } from '${ROOT}/node_modules/commander/esm.mjs'\nconsole.log(typeof Command)\n`,
    )
    const entries = [{ source, folder: 'small', without: ['@actions/artifact'] }]
    await bundleAll(entries, join(folder, 'one'))
    await bundleAll(entries, join(folder, 'two'))

    const built = join(folder, 'one', 'small')
    expect((await readdir(built)).sort()).toEqual(['index.js', 'licenses.txt', 'package.json'])
    expect(await readFile(join(built, 'licenses.txt'), 'utf8')).toMatch(
      /^commander \S+\nMIT\n\n.*Permission is hereby granted/s,
    )
    const ran = await runCommand(process.execPath, [join(built, 'index.js')], {
      env: scrubEnvironment(process.env),
      deadlineMs: 20_000,
    })
    expect(ran.stdout).toBe('function\n')
    expect(await compareFolders(join(folder, 'one'), join(folder, 'two'))).toEqual([])
  },
  BUILD_TEST_MS,
)

test(
  'an entry that carries a forbidden package is refused by name',
  async () => {
    const source = await program(
      'heavy.js',
      `import { Command } from '${ROOT}/node_modules/commander/esm.mjs'\nconsole.log(Command)\n`,
    )
    await expect(
      bundleAll([{ source, folder: 'heavy', without: ['commander'] }], join(folder, 'three')),
    ).rejects.toThrow(/heavy\.js: its bundle must not carry commander/)
  },
  BUILD_TEST_MS,
)

test(
  'a file that lies about at build time does not change the bundle: such a call is refused',
  async () => {
    await writeFile(join(folder, 'found.html'), 'left by an earlier run')
    const source = await program(
      'asset.js',
      `import { readFileSync } from 'node:fs'\nconsole.log(readFileSync(new URL('./found.html', import.meta.url)))\n`,
    )
    await expect(
      bundleAll([{ source, folder: 'asset', without: [] }], join(folder, 'four')),
    ).rejects.toThrow(/asset\.js: ncc took files that lie about for assets: \w+\.html/)
  },
  BUILD_TEST_MS,
)

test('only the entries that upload may carry the artifact client', () => {
  const free = ENTRIES.filter((entry) => !entry.without.includes('@actions/artifact'))
  expect(free.map((entry) => entry.folder)).toEqual(['run', 'report'])
})

test('files that differ, are missing or are too many are named', async () => {
  const wanted = join(folder, 'wanted')
  const found = join(folder, 'found')
  await writeFiles(wanted, ['same', 'changed', 'gone'])
  await writeFiles(found, ['same', 'changed', 'extra'])
  await appendFile(join(found, 'changed'), ' ')
  expect(await compareFolders(wanted, found)).toEqual([
    'changed: differs',
    'extra: should not be there',
    'gone: missing',
  ])
  expect(await compareFolders(wanted, join(folder, 'nowhere'))).toEqual([
    'changed: missing',
    'gone: missing',
    'same: missing',
  ])
})

async function writeFiles(target: string, names: readonly string[]): Promise<void> {
  await mkdir(target, { recursive: true })
  for (const name of names) await writeFile(join(target, name), name)
}
