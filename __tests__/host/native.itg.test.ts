import { execFileSync } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findNativePrograms } from '../../src/host/native.js'
import { SILENT } from '../../src/log.js'
import { findOnPath } from '../../src/programs.js'
import { compileSwept } from '../helpers/sweep.js'
import { makeFolder } from '../helpers/native.js'
import { runSource } from '../helpers/source.js'
import { hostEnvironment } from '../helpers/tools.js'

let folder: Awaited<ReturnType<typeof makeFolder>>

beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => folder.remove())

/** Every client of the engine, since not each can build, and what they need; no C compiler. */
async function pathWithoutCompiler(): Promise<string> {
  const files = await Promise.all(
    ['docker', 'sh', 'git', 'tar'].map((name) => findOnPath(name, hostEnvironment())),
  )
  const folders = files.flat().map(async (file, index) => {
    const bin = join(folder.path, `bin-${index}`)
    await mkdir(bin)
    await symlink(file, join(bin, basename(file)))
    return bin
  })
  return (await Promise.all(folders)).join(':')
}

it('takes the programs out of the tools image where there is no compiler, and sweeps with them', async () => {
  const PATH = await pathWithoutCompiler()
  const cache = join(folder.path, 'cache')
  const programs = await findNativePrograms({
    env: { ...hostEnvironment(), PATH },
    folders: [join(cache, 'cgo-deadlock')],
    log: SILENT,
    signal: new AbortController().signal,
  })
  const headers = execFileSync('readelf', ['-l', programs.sweep], { encoding: 'utf8' })
  expect(headers).not.toContain('INTERP')
  const pipe = await compileSwept('pipe', folder.path)
  const args = ['sweep', '--sweep-function', 'malloc', '--', pipe]
  const { exitCode, stdout } = await runSource(args, { env: { PATH, XDG_CACHE_HOME: cache } })
  expect(stdout).toMatch(/^✅ Immune/)
  expect(exitCode).toBe(0)
})
