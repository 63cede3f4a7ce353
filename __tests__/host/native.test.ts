import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { cacheFolders, findNativePrograms } from '../../src/host/native.js'
import type { NativeDeps } from '../../src/host/native.js'
import { SILENT } from '../../src/log.js'
import { makeFolder } from '../helpers/native.js'
import { hostEnvironment } from '../helpers/tools.js'

const LIMIT_MS = 60_000

let folder: Awaited<ReturnType<typeof makeFolder>>

beforeEach(async () => {
  folder = await makeFolder()
})
afterEach(() => folder.remove())

function deps(given: Partial<NativeDeps> = {}): NativeDeps {
  return {
    env: hostEnvironment(),
    folders: [join(folder.path, 'cache')],
    log: SILENT,
    signal: new AbortController().signal,
    ...given,
  }
}

it(
  'compiles the programs once, and finds them afterwards',
  async () => {
    const made = await findNativePrograms(deps())
    expect(execFileSync('readelf', ['-h', made.sweep], { encoding: 'utf8' })).toContain('X86-64')
    const before = await stat(made.sweep)
    expect(await findNativePrograms(deps({ env: { PATH: '' } }))).toEqual(made)
    expect((await stat(made.sweep)).mtimeMs).toBe(before.mtimeMs)
    const left = await readdir(join(folder.path, 'cache'))
    expect(left).toEqual([expect.stringMatching(/^native-[0-9a-f]{16}$/)])
  },
  LIMIT_MS,
)

it(
  'compiles them for two at the same moment',
  async () => {
    const [one, other] = await Promise.all([findNativePrograms(deps()), findNativePrograms(deps())])
    expect(one).toEqual(other)
    expect(await readdir(join(folder.path, 'cache'))).toHaveLength(1)
  },
  LIMIT_MS,
)

it(
  'keeps them in no folder that others may write to, nor where none can be made',
  async () => {
    const open = join(folder.path, 'open')
    await mkdir(open)
    await chmod(open, 0o777)
    await writeFile(join(folder.path, 'file'), '')
    const refused = [open, join(folder.path, 'file')]
    const own = join(folder.path, 'own')
    const { gate } = await findNativePrograms(deps({ folders: [...refused, own] }))
    expect(gate.startsWith(`${own}/`)).toBe(true)
    expect((await stat(own)).mode & 0o777).toBe(0o700)
    await expect(findNativePrograms(deps({ folders: refused }))).rejects.toThrow(
      /open may be written to by others; .*Set XDG_CACHE_HOME/,
    )
  },
  LIMIT_MS,
)

it(
  'says what to install where there is neither a compiler nor an engine',
  async () => {
    const env = { PATH: folder.path }
    await expect(findNativePrograms(deps({ env }))).rejects.toThrow(
      /There is no C compiler .*docker: not installed\. .*apt-get install gcc libc6-dev .*or start Docker/,
    )
    expect(await readdir(join(folder.path, 'cache'))).toEqual([])
  },
  LIMIT_MS,
)

it(
  'says why the compiler could not do it',
  async () => {
    const compiler = join(folder.path, 'cc')
    await writeFile(
      compiler,
      '#!/bin/sh\necho "x.c:1: fatal error: stdio.h: No such file" >&2\nexit 1\n',
    )
    await chmod(compiler, 0o755)
    const env = { PATH: folder.path }
    await expect(findNativePrograms(deps({ env }))).rejects.toThrow(
      /cc can't compile it: x\.c:1: fatal error: stdio\.h/,
    )
  },
  LIMIT_MS,
)

it('looks for a folder in the user’s cache first', () => {
  const own = `cgo-deadlock-${process.getuid?.()}`
  expect(cacheFolders({ XDG_CACHE_HOME: '/c', HOME: '/h' })).toEqual([
    '/c/cgo-deadlock',
    '/h/.cache/cgo-deadlock',
    expect.stringMatching(new RegExp(`/${own}$`)),
  ])
  expect(cacheFolders({ XDG_CACHE_HOME: 'relative' })).toHaveLength(1)
})
