import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { SYMBOLIZERS } from '../../src/toolchain/catalog.js'
import { parseSymbolizer, symbolizerRequires } from '../../src/toolchain/symbolizer.js'

const CWD = '/home/someone/project'

describe('parseSymbolizer', () => {
  it('knows none', () => {
    expect(parseSymbolizer('none', CWD)).toEqual({ kind: 'none' })
  })

  it("takes a name at its pin, the original reproducer's commit", () => {
    expect(parseSymbolizer('ianlancetaylor', CWD)).toEqual({
      kind: 'module',
      module: 'github.com/ianlancetaylor/cgosymbolizer',
      version: 'v0.0.0-20210303021718-7cb7081f6b86',
      importPath: undefined,
    })
  })

  it('takes a name at another version', () => {
    expect(parseSymbolizer('milvus-io@latest', CWD)).toMatchObject({
      module: 'github.com/milvus-io/cgosymbolizer',
      version: 'latest',
    })
  })

  it('takes any module with a version', () => {
    expect(parseSymbolizer('example.org/a/b_c.d@v1.2.3-0.2024+x', CWD)).toEqual({
      kind: 'module',
      module: 'example.org/a/b_c.d',
      version: 'v1.2.3-0.2024+x',
      importPath: undefined,
    })
  })

  it.each([
    ['./mine', join(CWD, 'mine')],
    ['../mine', '/home/someone/mine'],
    ['.', CWD],
    ['/abs/x@y', '/abs/x@y'],
  ])('takes %s as a folder', (value, directory) => {
    expect(parseSymbolizer(value, CWD)).toEqual({ kind: 'local', directory })
  })

  it('leaves a program its own when nothing is given', () => {
    expect(parseSymbolizer('', CWD)).toEqual({ kind: 'own' })
  })

  it('finds its own control beside its source', () => {
    const plan = parseSymbolizer('framepointer', CWD)
    expect(plan).toEqual({
      kind: 'local',
      directory: join(import.meta.dirname, '..', '..', 'native', 'symbolizers', 'framepointer'),
    })
  })

  it.each([
    'nobody',
    'constructor',
    'example.org/mod',
    'example.org/mod@',
    'example.org/mod@v1 --flag',
    '-flag@v1',
    'example.org/a b@v1',
  ])('refuses %j and lists what is allowed', (value) => {
    expect(() => parseSymbolizer(value, CWD)).toThrow(ConfigurationError)
    expect(() => parseSymbolizer(value, CWD)).toThrow(/Allowed are none, ianlancetaylor, benesch/)
  })

  it('tells a module without a version to give one', () => {
    expect(() => parseSymbolizer('example.org/mod', CWD)).toThrow(
      /such as example\.org\/mod@latest/,
    )
  })

  it('has one version of its own control', () => {
    expect(() => parseSymbolizer('framepointer@v1', CWD)).toThrow(/write framepointer/)
  })
})

describe('symbolizerRequires', () => {
  it('pins what benesch imports and leaves out of its go.mod', () => {
    expect(symbolizerRequires(parseSymbolizer('benesch', CWD))).toEqual([
      'github.com/ianlancetaylor/cgosymbolizer@v0.0.0-20210303021718-7cb7081f6b86',
    ])
  })

  it('is empty for all others', () => {
    for (const name of Object.keys(SYMBOLIZERS).filter((each) => each !== 'benesch')) {
      expect(symbolizerRequires(parseSymbolizer(name, CWD))).toEqual([])
    }
  })
})
