import { describe, expect, it } from 'vitest'
import type { BuiltToolchain, ToolchainPlan } from '../../src/toolchain/types.js'
import { verifyBuilt } from '../../src/toolchain/verify.js'

const MODULE = { module: 'example.org/symbolizer', version: 'v1.0.0' }

const PLAN: ToolchainPlan = {
  ...{ go: '1.17', baseImage: 'debian:bullseye', suite: 'bullseye', gcc: '10', libgcc: 'shared' },
  symbolizer: { kind: 'module', ...MODULE, importPath: undefined },
  expected: { glibc: '2.31', gcc: '10' },
  asked: {
    ...{ go: '1.17', glibc: '2.31', gcc: '10', libgcc: 'shared' },
    ...{ baseImage: undefined, symbolizer: 'example.org/symbolizer@v1.0.0' },
  },
}

const BUILT: BuiltToolchain = {
  ...{ go: '1.17', glibc: '2.31', gcc: '10.2.1', libstdcxx: '10.2.1-6', symbolizer: MODULE },
  unwinder: { linkage: 'shared', version: '10.2.1-6', lookup: 'dl_iterate_phdr' },
  ...{ distribution: 'Debian', architecture: 'amd64', kernel: '6.1', gdb: '16.3' },
}

describe('verifyBuilt', () => {
  it('finds nothing where all agrees', () => {
    expect(verifyBuilt(PLAN, BUILT)).toEqual([])
  })

  it.each<[string, Partial<BuiltToolchain>, RegExp]>([
    ['Go', { go: '1.17.1' }, /go-version: asked for Go 1\.17, .* built with 1\.17\.1/],
    ['glibc', { glibc: '2.36' }, /glibc-version: asked for glibc 2\.31, .* 2\.36/],
    ['gcc', { gcc: '12.2.0' }, /gcc-version: asked for gcc 10, .* 12\.2\.0/],
    ['no gcc', { gcc: null }, /gcc-version: .* could not be read/],
    [
      'linkage',
      { unwinder: { linkage: 'static', version: null, lookup: 'unknown' } },
      /libgcc: asked for a shared libgcc, .* static/,
    ],
    ['symbolizer', { symbolizer: { ...MODULE, version: 'v1.0.1' } }, /symbolizer: .*v1\.0\.1/],
    ['no symbolizer', { symbolizer: null }, /symbolizer: asked for one, but none/],
  ])('names a contradiction in %s', (_name, change, message) => {
    const found = verifyBuilt(PLAN, { ...BUILT, ...change })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(message)
  })

  it('checks only what the catalog knows', () => {
    const plan = { ...PLAN, expected: { glibc: undefined, gcc: undefined } }
    expect(verifyBuilt(plan, { ...BUILT, glibc: '2.99', gcc: '1.0' })).toEqual([])
  })

  it('sees a symbolizer where none was asked for', () => {
    const plan: ToolchainPlan = { ...PLAN, symbolizer: { kind: 'none' } }
    expect(verifyBuilt(plan, BUILT)).toHaveLength(1)
    expect(verifyBuilt(plan, { ...BUILT, symbolizer: null })).toEqual([])
  })

  it('takes what a program of one’s own imports, and that it does not unwind', () => {
    const program = { module: '/m', package: '.', packages: [] }
    const plan: ToolchainPlan = { ...PLAN, program, symbolizer: { kind: 'own' } }
    const unwinder = { linkage: 'unknown', version: null, lookup: 'unknown' } as const
    expect(verifyBuilt(plan, { ...BUILT, unwinder })).toEqual([])
    expect(verifyBuilt(plan, { ...BUILT, symbolizer: null })).toEqual([])
    expect(verifyBuilt({ ...plan, libgcc: 'static' }, BUILT)).toHaveLength(1)
  })

  it('takes any version for a query', () => {
    const symbolizer = {
      kind: 'module',
      ...MODULE,
      version: 'latest',
      importPath: undefined,
    } as const
    expect(verifyBuilt({ ...PLAN, symbolizer }, BUILT)).toEqual([])
  })

  it('tells a local folder from a module', () => {
    const plan: ToolchainPlan = { ...PLAN, symbolizer: { kind: 'local', directory: '/x' } }
    expect(verifyBuilt(plan, BUILT)).toHaveLength(1)
    const local = { ...MODULE, version: 'local' }
    expect(verifyBuilt(plan, { ...BUILT, symbolizer: local })).toEqual([])
  })
})
