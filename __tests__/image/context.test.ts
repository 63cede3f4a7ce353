import {
  lstat,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { copyModule, digestPaths, makeContext } from '../../src/image/context.js'
import { SILENT } from '../../src/log.js'

let folder: string
let warnings: string[]
const log = { ...SILENT, warning: (text: string) => warnings.push(text) }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'context-'))
  warnings = []
})

async function makeModule(): Promise<string> {
  const module = join(folder, 'module')
  await mkdir(join(module, 'sub'), { recursive: true })
  await writeFile(join(module, 'go.mod'), 'module example.org/x\n')
  await writeFile(join(module, 'sub', 'a.c'), 'int a;\n')
  return module
}

describe('makeContext', () => {
  it('holds what both images are made from, and nothing else of the tool', async () => {
    const { folder: made } = await makeContext(join(folder, 'c'), {}, log)
    expect((await readdir(made)).sort()).toEqual(['Dockerfile', 'native'])
    const native = await readdir(join(made, 'native'))
    expect(native).toEqual(
      expect.arrayContaining(['image', 'progress', 'gate', 'gdb', 'reproducer']),
    )
    expect(await readdir(join(made, 'native/symbolizers/local'))).toEqual([])
  })

  it("has another digest for the program's image when the symbolizer changes", async () => {
    const module = await makeModule()
    const first = await makeContext(join(folder, 'c1'), { symbolizer: module }, log)
    const again = await makeContext(join(folder, 'c2'), { symbolizer: module }, log)
    expect(again.digests).toEqual(first.digests)
    await writeFile(join(module, 'sub', 'a.c'), 'int b;\n')
    const changed = await makeContext(join(folder, 'c3'), { symbolizer: module }, log)
    expect(changed.digests.reproducer).not.toBe(first.digests.reproducer)
    expect(changed.digests.tools).toBe(first.digests.tools)
  })

  it("has another digest, and the source, when a program of the user's own takes the place of ours", async () => {
    const program = await makeModule()
    const { digests } = await makeContext(join(folder, 'c1'), {}, log)
    const made = await makeContext(join(folder, 'c2'), { program }, log)
    expect(made.digests.tools).toBe(digests.tools)
    expect(made.digests.reproducer).not.toBe(digests.reproducer)
    expect(await readFile(join(made.folder, 'program/sub/a.c'), 'utf8')).toBe('int a;\n')
    await writeFile(join(program, 'sub', 'a.c'), 'int b;\n')
    const changed = await makeContext(join(folder, 'c3'), { program }, log)
    expect(changed.digests.reproducer).not.toBe(made.digests.reproducer)
  })
})

describe('copyModule', () => {
  it('leaves out the repository and links that lead out of the module', async () => {
    const module = await makeModule()
    await writeFile(join(folder, 'secret'), 'secret')
    await mkdir(join(module, '.git'))
    await writeFile(join(module, '.git', 'config'), 'token')
    await writeFile(join(module, 'sub', '.git'), 'gitdir: ../.git/modules/sub')
    await mkdir(join(module, 'cgo-deadlock-results'))
    await symlink('sub/a.c', join(module, 'inside.c'))
    await symlink('../secret', join(module, 'relative'))
    await symlink('/etc', join(module, 'absolute'))
    await symlink('nowhere', join(module, 'broken'))
    const to = join(folder, 'copy')
    await copyModule({ input: 'symbolizer', from: module, to }, log)
    expect((await readdir(to)).sort()).toEqual(['go.mod', 'inside.c', 'sub'])
    expect(await readdir(join(to, 'sub'))).toEqual(['a.c'])
    expect(await readFile(join(to, 'inside.c'), 'utf8')).toBe('int a;\n')
    expect((await lstat(join(to, 'inside.c'))).isSymbolicLink()).toBe(true)
    expect(warnings.map((text) => text.split(' ')[1]).sort()).toEqual([
      ...['absolute', 'broken', 'relative'],
    ])
  })

  it('refuses what is too large for source, and says where most of it lies', async () => {
    const module = await makeModule()
    await mkdir(join(module, 'assets'))
    const film = await open(join(module, 'assets', 'film'), 'w')
    await film.truncate(257 * 1024 * 1024)
    await film.close()
    const copy = { input: 'program', from: module, to: join(folder, 'copy') }
    await expect(copyModule(copy, log)).rejects.toThrow(
      /^program: .* holds more than 256 MiB, most of it in assets\./,
    )
  })

  it('follows the folder itself when it is a link', async () => {
    await makeModule()
    await symlink('module', join(folder, 'link'))
    const from = join(folder, 'link')
    await copyModule({ input: 'program', from, to: join(folder, 'copy') }, log)
    expect((await readdir(join(folder, 'copy'))).sort()).toEqual(['go.mod', 'sub'])
  })
})

describe('digestPaths', () => {
  it('counts names, contents and run bits', async () => {
    const digests = new Set<string>()
    for (const [name, content, mode] of [
      ['a', 'x', 0o644],
      ['b', 'x', 0o644],
      ['a', 'y', 0o644],
      ['a', 'x', 0o755],
    ] as const) {
      const made = await mkdtemp(join(folder, 'd-'))
      await writeFile(join(made, name), content, { mode })
      digests.add(await digestPaths(made, ['.']))
    }
    expect(digests.size).toBe(4)
  })
})
