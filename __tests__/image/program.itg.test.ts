import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findEngine } from '../../src/engine.js'
import type { Engine } from '../../src/engine.js'
import { scrubEnvironment } from '../../src/environment.js'
import { runCommand } from '../../src/exec.js'
import { buildImages } from '../../src/image/build.js'
import type { BuiltImages } from '../../src/image/build.js'
import { SILENT } from '../../src/log.js'
import { resolveToolchain } from '../../src/toolchain/resolve.js'
import type { ToolchainRequest } from '../../src/toolchain/types.js'

const env = scrubEnvironment(process.env)
const PROGRAMS = join(import.meta.dirname, '../fixtures/programs')

let engine: Engine
let folder: string

beforeAll(async () => {
  engine = await findEngine('docker', env)
  folder = await mkdtemp(join(tmpdir(), 'program-itg-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Builds a program below the fixtures; it brings its own symbolizer unless the request names one. */
async function build(
  program: string,
  request: Partial<ToolchainRequest> = {},
): Promise<BuiltImages> {
  const toolchain = { go: '1.26.8', glibc: undefined, gcc: 'default', libgcc: 'shared' } as const
  const plan = await resolveToolchain(
    { ...toolchain, baseImage: undefined, symbolizer: '', program, ...request },
    { env, cwd: PROGRAMS, log: SILENT },
  )
  const world = { engine, env, log: SILENT, workFolder: folder }
  return buildImages(plan, { ...world, imageRegistry: undefined, aptMirror: undefined })
}

/** What a command in an image answers. */
async function ask(image: string, entrypoint: string, ...args: string[]): Promise<string> {
  const run = ['run', '--rm', '--network', 'none', '--entrypoint', entrypoint, image, ...args]
  return (await runCommand('docker', run, { env, deadlineMs: 60_000 })).stdout
}

describe('a program that needs a Debian library', () => {
  let images: BuiltImages

  beforeAll(async () => {
    images = await build('./notes/cmd/steady', { packages: ['libsqlite3-dev'] })
  })

  it('is built in a subfolder of its module, with a module that its go.mod replaces by a folder', () => {
    expect(images.reproducer).toMatch(/^cgo-deadlock\/program:/)
    expect(images.built).toMatchObject({ go: '1.26.8', glibc: '2.41', symbolizer: null })
  })

  it('runs with the library, and without what only its build needed', async () => {
    const { reproducer } = images
    const linked = await ask(reproducer, 'ldd', '/opt/cgo-deadlock/program')
    expect(linked).toMatch(/libsqlite3\.so\.0 => \//)
    const absent = 'ls /usr/include/sqlite3.h; command -v gcc pkg-config go'
    expect(await ask(reproducer, 'sh', '-c', `${absent}; true`)).toBe('')
  })

  it('does not claim an unwinder that it does not use', () => {
    expect(images.built.unwinder).toEqual({ linkage: 'unknown', version: null, lookup: 'unknown' })
  })

  it('is another image when its source, its package or its Debian packages change', async () => {
    const other = await build('./notes/cmd/hang', { packages: ['libsqlite3-dev', 'file'] })
    expect(other.reproducer).not.toBe(images.reproducer)
    expect(await ask(other.reproducer, 'file', '--version')).toContain('file-5')
  })
})

it('fetches modules, and names the symbolizer that a program imports', async () => {
  const { built } = await build('./traced')
  expect(built.symbolizer).toEqual({
    module: 'github.com/ianlancetaylor/cgosymbolizer',
    version: 'v0.0.0-20210303021718-7cb7081f6b86',
  })
})

it('builds with the chosen Go, glibc and linkage', async () => {
  const old = { go: '1.17', glibc: '2.31', gcc: '10', libgcc: 'static' } as const
  const { built } = await build('./traced', old)
  expect(built).toMatchObject({ go: '1.17', glibc: '2.31' })
  expect(built.unwinder).toMatchObject({ linkage: 'static', lookup: 'dl_iterate_phdr' })
})

it('builds what is vendored, without any module proxy', async () => {
  const { reproducer } = await build('./vendored')
  expect(await ask(reproducer, '/opt/cgo-deadlock/program')).toBe('hello\n')
})

describe('the symbolizer of a program', () => {
  it('is named by its package where it is part of the program', async () => {
    const { built } = await build('./homemade')
    expect(built.symbolizer).toEqual({ module: 'example.org/homemade/trace', version: 'local' })
  })

  it('is added where one is asked for and the program has none, vendored or not', async () => {
    const { built } = await build('./notes/cmd/steady', {
      packages: ['libsqlite3-dev'],
      symbolizer: 'framepointer',
    })
    expect(built.symbolizer).toMatchObject({ version: 'local' })
  })

  it('is replaced by another version of itself', async () => {
    const { built } = await build('./traced', { symbolizer: 'milvus-io' })
    expect(built.symbolizer?.module).toBe('github.com/milvus-io/cgosymbolizer')
  })

  it('must not be asked for beside another one', async () => {
    await expect(build('./homemade', { symbolizer: 'framepointer' })).rejects.toThrow(
      /has a symbolizer already, example\.org\/homemade\/trace, .*leave out the input symbolizer/,
    )
  })

  it('must not be there where none is asked for', async () => {
    await expect(build('./homemade', { symbolizer: 'none' })).rejects.toThrow(
      /symbolizer: asked for none, but example\.org\/homemade\/trace was built in/,
    )
  })
})

describe('a program that can not be', () => {
  it('says that a package is no main package', async () => {
    await expect(build('./homemade/trace')).rejects.toThrow(
      /the program is package trace; only a main package can be run/,
    )
  })

  it('says which package Debian does not have', async () => {
    await expect(build('./homemade', { packages: ['libnobody-dev'] })).rejects.toThrow(
      /Unable to locate package libnobody-dev/,
    )
  })
})
