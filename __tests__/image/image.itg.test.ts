import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findEngine } from '../../src/engine.js'
import type { Engine } from '../../src/engine.js'
import { scrubEnvironment } from '../../src/environment.js'
import { CommandError, ConfigurationError } from '../../src/errors.js'
import { runCommand } from '../../src/exec.js'
import { buildImages, buildTools } from '../../src/image/build.js'
import type { BuildDeps, BuiltImages } from '../../src/image/build.js'
import { SILENT } from '../../src/log.js'
import { resolveToolchain } from '../../src/toolchain/resolve.js'
import type { ToolchainPlan, ToolchainRequest } from '../../src/toolchain/types.js'

const env = scrubEnvironment(process.env)
const OWN_BASE = 'cgo-deadlock-itg/base:1'

let engine: Engine
let folder: string

beforeAll(async () => {
  engine = await findEngine('docker', env)
  folder = await mkdtemp(join(tmpdir(), 'image-itg-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await docker(['image', 'rm', '--force', OWN_BASE]).catch(() => undefined)
})

function deps(changes: Partial<BuildDeps> = {}): BuildDeps {
  return {
    ...{ engine, env, log: SILENT, workFolder: folder },
    ...{ imageRegistry: undefined, aptMirror: undefined, ...changes },
  }
}

/** The original's case unless told otherwise. */
function plan(request: Partial<ToolchainRequest> = {}): Promise<ToolchainPlan> {
  const original = { go: '1.17', glibc: '2.31', gcc: '10', libgcc: 'shared' } as const
  return resolveToolchain(
    { ...original, baseImage: undefined, symbolizer: 'ianlancetaylor', ...request },
    { env, cwd: folder, log: SILENT },
  )
}

async function docker(args: readonly string[]): Promise<string> {
  return (await runCommand('docker', args, { env, deadlineMs: 60_000 })).stdout
}

/** What a shell in an image answers. */
function ask(image: string, question: string): Promise<string> {
  return docker(['run', '--rm', '--network', 'none', '--entrypoint', 'sh', image, '-c', question])
}

describe("the original's case", () => {
  let images: BuiltImages

  beforeAll(async () => {
    images = await buildImages(await plan(), deps())
  })

  it('is built from what was asked for, as read from the image', () => {
    expect(images.built).toMatchObject({
      ...{ go: '1.17', glibc: '2.31', gcc: expect.stringMatching(/^10\./) as string },
      unwinder: {
        linkage: 'shared',
        version: expect.stringMatching(/^10\./) as string,
        lookup: 'dl_iterate_phdr',
      },
      symbolizer: {
        module: 'github.com/ianlancetaylor/cgosymbolizer',
        version: 'v0.0.0-20210303021718-7cb7081f6b86',
      },
      distribution: expect.stringContaining('bullseye') as string,
      kernel: expect.stringMatching(/^\d+\.\d+/) as string,
      gdb: expect.stringMatching(/^\d+\.\d+/) as string,
    })
  })

  it('has the program for a user without rights, and no compiler, debugger or Go beside it', async () => {
    expect(await ask(images.reproducer, 'id -u; ls /opt/cgo-deadlock')).toBe(
      '65532\nfacts\nprogram\n',
    )
    const tools = 'for t in gcc g++ cc gdb go make; do command -v $t; done; true'
    expect(await ask(images.reproducer, tools)).toBe('')
  })

  it('has a gdb with Python and the native tools in the other image', async () => {
    const listed = (await ask(images.tools, 'ls /opt/cgo-deadlock; command -v timeout')).split('\n')
    expect(listed).toEqual(expect.arrayContaining(['gate', 'gdb', 'progress', '/usr/bin/timeout']))
    expect(await ask(images.tools, 'gdb -nx -batch -ex "python print(6 * 7)"')).toBe('42\n')
  })

  it('is found again by the next run', async () => {
    const started = performance.now()
    const again = await buildImages(await plan(), deps())
    expect(performance.now() - started).toBeLessThan(15_000)
    expect(again).toMatchObject({ reproducer: images.reproducer, tools: images.tools })
    expect(await readFile(again.buildLogPath, 'utf8')).toContain('was built before')
  })

  it('shares the tools with a run that watches an image of the user', async () => {
    expect((await buildTools(deps())).tools).toBe(images.tools)
  })

  it('keeps all that the build was told in confidence out of images and their history', async () => {
    const secret = 'hush-4711'
    const told = deps({
      env: { ...env, GOPROXY: `file:///${secret}|${env['GOPROXY'] ?? 'direct'}` },
      aptMirror: `http://someone:${secret}@deb.debian.org`,
    })
    const { reproducer, tools } = await buildImages(await plan({ symbolizer: 'none' }), told)
    for (const image of [reproducer, tools]) {
      const history = await docker(['history', '--no-trunc', '--format', '{{.CreatedBy}}', image])
      expect(history + (await docker(['image', 'inspect', image]))).not.toContain(secret)
      expect(await ask(image, `grep -rsl ${secret} /etc /opt /var /root /tmp; true`)).toBe('')
    }
    expect(await readFile(join(folder, 'build.log'), 'utf8')).not.toContain(secret)
  })
})

it('links the unwinder in when asked, and knows what that one calls', async () => {
  const { built } = await buildImages(await plan({ libgcc: 'static', symbolizer: 'none' }), deps())
  expect(built.unwinder).toMatchObject({ linkage: 'static', lookup: 'dl_iterate_phdr' })
  expect(built.unwinder.version).toMatch(/^10\./)
})

it('builds a fork that keeps the path of what it was forked from', async () => {
  const { built } = await buildImages(await plan({ symbolizer: 'milvus-io' }), deps())
  expect(built.symbolizer).toEqual({
    module: 'github.com/milvus-io/cgosymbolizer',
    version: 'v0.0.0-20250318084424-114f4050c3a6',
  })
})

it('builds a symbolizer from a folder', async () => {
  const { built } = await buildImages(await plan({ symbolizer: 'framepointer' }), deps())
  expect(built.symbolizer).toMatchObject({ version: 'local' })
})

describe('a build that can not be', () => {
  it('says at which step and why, in the words of what failed', async () => {
    const shown: string[] = []
    const log = { ...SILENT, untrusted: (text: string) => shown.push(text) }
    const failing = buildImages(
      await plan({ symbolizer: 'example.org/nobody/x@v1.2.3' }),
      deps({ log, showOutput: true }),
    )
    await expect(failing).rejects.toThrow(CommandError)
    await expect(failing).rejects.toThrow(
      /reproducer image failed .*symbolizer[^]*cannot download example\.org\/nobody\/x@v1\.2\.3/,
    )
    expect(await readFile(join(folder, 'build.log'), 'utf8')).toContain('cannot download')
    expect(shown.join('')).toContain('cannot download')
  })

  it('is an error when the base is not what was said of it', async () => {
    await docker(['tag', 'debian:bullseye', OWN_BASE])
    const base = { baseImage: OWN_BASE, glibc: '2.36', symbolizer: 'none' }
    await expect(buildImages(await plan(base), deps())).rejects.toThrow(
      /glibc-version: asked for glibc 2\.36, but the image was built with 2\.31/,
    )
  })

  it('ends soon when cancelled, and leaves nothing in the temporary folder', async () => {
    vi.stubEnv('TMPDIR', await mkdtemp(join(folder, 'tmp-')))
    const stop = new AbortController()
    const log = { ...SILENT, progress: () => stop.abort() }
    const fresh = { go: '1.16.4', symbolizer: 'benesch' }
    const started = performance.now()
    const cancelled = buildImages(await plan(fresh), deps({ log, signal: stop.signal }))
    await expect(cancelled).rejects.toThrow()
    expect(performance.now() - started).toBeLessThan(15_000)
    expect(await readdir(tmpdir())).toEqual([])
    vi.unstubAllEnvs()
  })

  it('names the package when nothing here can build', async () => {
    const mute = { ...engine, build: null }
    const failing = buildImages(await plan(), deps({ engine: mute }))
    await expect(failing).rejects.toThrow(ConfigurationError)
    await expect(failing).rejects.toThrow(/docker-buildx/)
  })
})
