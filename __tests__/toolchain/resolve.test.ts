import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SILENT } from '../../src/log.js'
import type { ProxyAnswer } from '../../src/toolchain/go-proxy.js'
import { isExactVersion, parseReleaseList, resolveToolchain } from '../../src/toolchain/resolve.js'
import type { ToolchainPlan, ToolchainRequest } from '../../src/toolchain/types.js'

const LIST = 'golang.org/toolchain/@v/list'
const UNREADABLE: ProxyAnswer = { kind: 'unreadable', reason: 'host: no route' }

interface Resolved {
  readonly plan: ToolchainPlan
  readonly asked: readonly string[]
  readonly warnings: readonly string[]
}

async function resolveWith(
  request: Partial<ToolchainRequest>,
  answers: Readonly<Record<string, string>> | undefined,
): Promise<Resolved> {
  const asked: string[] = []
  const warnings: string[] = []
  const plan = await resolveToolchain(
    {
      ...{ go: '1.17', glibc: undefined, gcc: 'default', libgcc: 'shared' },
      ...{ baseImage: undefined, symbolizer: 'none', ...request },
    },
    {
      ...{ env: {}, cwd: '/', log: { ...SILENT, warning: (text) => warnings.push(text) } },
      ask: (path) => {
        asked.push(path)
        if (answers === undefined) return Promise.resolve(UNREADABLE)
        const text = answers[path]
        return Promise.resolve(text === undefined ? { kind: 'missing' } : { kind: 'found', text })
      },
    },
  )
  return { plan, asked, warnings }
}

describe('resolveToolchain', () => {
  it("resolves the original's case without asking anybody", async () => {
    const request = { glibc: '2.31', gcc: '10', symbolizer: 'ianlancetaylor' }
    const { plan, asked, warnings } = await resolveWith(request, undefined)
    expect(plan).toMatchObject({
      ...{ go: '1.17', baseImage: 'debian:bullseye', gcc: '10', libgcc: 'shared' },
      symbolizer: { version: 'v0.0.0-20210303021718-7cb7081f6b86' },
    })
    expect(plan.asked).toMatchObject(request)
    expect({ asked, warnings }).toEqual({ asked: [], warnings: [] })
  })

  it('reads stable from the list', async () => {
    const list =
      'v0.0.1-go1.40.1.linux-amd64\nv0.0.1-go1.40.2.darwin-arm64\nv0.0.1-go1.41rc1.linux-amd64\n'
    expect((await resolveWith({ go: 'stable' }, { [LIST]: list })).plan.go).toBe('1.40.2')
  })

  it('falls back on what it knows, with a warning that says why', async () => {
    const { plan, warnings } = await resolveWith({ go: 'stable' }, undefined)
    expect(plan.go).toMatch(/^1\.\d+\.\d+$/)
    expect(warnings).toEqual([expect.stringContaining('host: no route')])
  })

  it('refuses a release that the proxy has not got, and names the newest there is', async () => {
    const list = 'v0.0.1-go1.40.1.linux-amd64\n'
    await expect(resolveWith({ go: '1.40.9' }, { [LIST]: list })).rejects.toThrow(
      'go-version: there is no Go 1.40.9. The newest of that line is 1.40.1',
    )
  })

  it('lets the build try a new release when no proxy can be asked', async () => {
    expect((await resolveWith({ go: '1.40.9' }, undefined)).plan.go).toBe('1.40.9')
  })

  it('turns latest, branches and commits into a version', async () => {
    const answers = {
      'example.org/!mod/@latest': '{"Version":"v1.2.3"}',
      'example.org/mod/@v/main.info': '{"Version": "v0.0.0-20240101000000-abcdefabcdef"}',
    }
    const latest = await resolveWith({ symbolizer: 'example.org/Mod@latest' }, answers)
    expect(latest.plan.symbolizer).toMatchObject({ module: 'example.org/Mod', version: 'v1.2.3' })
    const branch = await resolveWith({ symbolizer: 'example.org/mod@main' }, answers)
    expect(branch.plan.symbolizer).toMatchObject({ version: 'v0.0.0-20240101000000-abcdefabcdef' })
  })

  it('leaves a query to the build where no proxy answers', async () => {
    const { plan } = await resolveWith({ symbolizer: 'benesch@latest' }, undefined)
    expect(plan.symbolizer).toMatchObject({ version: 'latest' })
  })

  it('wants a go.mod in a symbolizer folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'symbolizer-'))
    await expect(resolveWith({ symbolizer: folder }, {})).rejects.toThrow(
      `symbolizer: there is no go.mod in ${folder}`,
    )
    await writeFile(join(folder, 'go.mod'), 'module example.org/x\n')
    const { plan } = await resolveWith({ symbolizer: folder }, {})
    expect(plan.symbolizer).toEqual({ kind: 'local', directory: folder })
  })
})

describe('parseReleaseList', () => {
  it('names each release once and keeps what is not a release for the caller to judge', () => {
    const list =
      'v0.0.1-go1.17.linux-amd64\nv0.0.1-go1.17.linux-arm64\nv0.0.1-go1.26rc1.linux-amd64\nv0.0.1-go1.2.2.linux-amd64\nother\n'
    expect(parseReleaseList(list)).toEqual(['1.17', '1.26rc1', '1.2.2'])
  })
})

describe('isExactVersion', () => {
  it('tells versions from queries', () => {
    expect(isExactVersion('v0.0.0-20210303021718-7cb7081f6b86')).toBe(true)
    expect(['latest', 'main', 'v1', '7cb7081'].map(isExactVersion)).not.toContain(true)
  })
})
