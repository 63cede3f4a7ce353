import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadObjects, parseCache } from '../../src/inspect/loader.js'
import type { LoaderOptions } from '../../src/inspect/loader.js'
import { folderRoot } from '../../src/inspect/roots.js'
import { makeFolder } from '../helpers/native.js'
import { compileText } from './files.js'

const run = promisify(execFile)
let folder: Awaited<ReturnType<typeof makeFolder>>
beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => folder.remove())

const MAIN = 'int one(void); int main(void) { return one(); }'

function library(path: string, flags: readonly string[] = []): Promise<string> {
  const shared = ['-shared', '-fPIC', '-Wl,-soname,libone.so']
  return compileText('int one(void) { return 1; }', path, [...shared, ...flags])
}

/** The library of a program, found as ld.so would. */
async function findOne(
  file: string,
  options: Partial<LoaderOptions> = {},
): Promise<string | undefined> {
  const { objects } = await loadObjects(
    { path: file, file },
    { root: folderRoot('/'), complete: true, libraryPath: [], ...options },
  )
  return objects.find(({ linkage }) => linkage.soname === 'libone.so')?.path
}

/** What this machine's own ld.so takes. */
async function ldSoTakes(
  file: string,
  env: Record<string, string> = {},
): Promise<string | undefined> {
  const { stdout } = await run('ldd', [file], { env: { ...process.env, ...env } })
  return /libone\.so => (\S+)/.exec(stdout)?.[1]
}

describe('where a library is found', () => {
  it.each(['--enable-new-dtags', '--disable-new-dtags'])(
    'is where this machine’s ld.so finds it, by the program’s own path and by LD_LIBRARY_PATH (%s)',
    async (tags) => {
      const at = join(folder.path, tags)
      const own = await library(join(at, 'lib/libone.so'))
      await library(join(at, 'other/libone.so'))
      const file = await compileText(MAIN, join(at, 'bin/main'), [
        ...[own, '-Wl,-rpath,$ORIGIN/../lib', `-Wl,${tags}`],
      ])
      expect(await findOne(file)).toBe(join(at, 'lib/libone.so'))
      const other = join(at, 'other')
      const taken = await ldSoTakes(file, { LD_LIBRARY_PATH: other })
      expect(await findOne(file, { libraryPath: [other] })).toBe(join(taken ?? ''))
    },
  )

  it('is in the libraries of the libraries too, with the path of the one that asks', async () => {
    const at = join(folder.path, 'chain')
    const one = await library(join(at, 'deep/libone.so'))
    const middle = await compileText(
      'int one(void); int two(void) { return one(); }',
      join(at, 'lib/libtwo.so'),
      ['-shared', '-fPIC', '-Wl,-soname,libtwo.so', one, '-Wl,-rpath,$ORIGIN/../deep'],
    )
    const file = await compileText(
      'int two(void); int main(void) { return two(); }',
      join(at, 'main'),
      [middle, '-Wl,-rpath,$ORIGIN/lib', '-Wl,--allow-shlib-undefined'],
    )
    expect(await findOne(file)).toBe(join(at, 'deep/libone.so'))
  })

  it('is said to be missing when it is nowhere', async () => {
    const one = await library(join(folder.path, 'gone/libone.so'))
    const file = await compileText(MAIN, join(folder.path, 'gone/main'), [one])
    const root = folderRoot('/')
    const { missing } = await loadObjects(
      { path: file, file },
      { root, complete: true, libraryPath: [] },
    )
    expect(missing).toEqual(['libone.so'])
  })

  it('is inside another root, where links that lead out of it lead to its own top', async () => {
    const root = join(folder.path, 'root')
    await library(join(root, 'real/libone.so'))
    await mkdir(join(root, 'usr/lib'), { recursive: true })
    await symlink('/usr/lib', join(root, 'lib'))
    await symlink('../../../../../real/libone.so', join(root, 'usr/lib/libone.so'))
    const file = await compileText(MAIN, join(root, 'main'), [join(root, 'real/libone.so')])
    const { objects } = await loadObjects(
      { path: '/main', file },
      { root: folderRoot(root), complete: true, libraryPath: [] },
    )
    expect(objects[1]).toMatchObject({
      path: '/real/libone.so',
      file: join(root, 'real/libone.so'),
    })
  })
})

describe('a root', () => {
  it('never gives a file from outside', async () => {
    const root = join(folder.path, 'jail')
    await mkdir(root)
    await writeFile(join(folder.path, 'secret'), '')
    await symlink('../secret', join(root, 'up'))
    await symlink(join(folder.path, 'secret'), join(root, 'absolute'))
    await symlink('round', join(root, 'round'))
    for (const path of ['/up', '/absolute', '/round', '/../secret', '/..'])
      expect(await folderRoot(root).find(path), path).toBeNull()
  })
})

describe('the cache of ld.so', () => {
  it('says what ldconfig says of it', async () => {
    const paths = parseCache(await readFile('/etc/ld.so.cache'))
    const { stdout } = await run('/sbin/ldconfig', ['-p'])
    const listed = [...stdout.matchAll(/^\t(\S+) .* => (\S+)$/gm)]
    expect(listed.length).toBeGreaterThan(10)
    for (const [, name = '', path = ''] of listed) expect(paths.get(name)).toContain(path)
  })

  it('is empty when it is cut or something else', () => {
    expect(parseCache(Buffer.from('nothing')).size).toBe(0)
    expect(parseCache(Buffer.from('glibc-ld.so.cache1.1\xff\xff\xff\xff', 'latin1')).size).toBe(0)
  })
})
