import { describe, expect, it } from 'vitest'
import { parseFacts, parseGdb } from '../../src/image/facts.js'

/** As the build of Debian 11, gcc 10, Go 1.17 wrote it. */
const SHARED = `gcc 10.2.1
compiler g++-10 (Debian 10.2.1-6) 10.2.1 20210110
libgcc-eh-import dl_iterate_phdr
symbolizer github.com/ianlancetaylor/cgosymbolizer github.com/ianlancetaylor/cgosymbolizer v0.0.0-20210303021718-7cb7081f6b86
go /out/program: go1.17
go \tpath\treproducer
go \tmod\treproducer\t(devel)\t
go \tdep\tgithub.com/ianlancetaylor/cgosymbolizer\tv0.0.0-20210303021718-7cb7081f6b86\th1:japbUgsq9/hsjyeO/XNeY9GthNqCVOOmL5CDadVWSsQ=
distribution Debian GNU/Linux 11 (bullseye)
architecture amd64
glibc 2.31
libstdcxx 10.2.1-6
libgcc 10.2.1-6
linkage shared
libgcc-import dl_iterate_phdr
`
const TOOLS = 'gdb GNU gdb (Debian 16.3-1) 16.3\n'

describe('parseFacts', () => {
  it('reads what the build wrote down', () => {
    expect(parseFacts(SHARED, TOOLS, '6.1.0')).toEqual({
      go: '1.17',
      glibc: '2.31',
      gcc: '10.2.1',
      unwinder: { linkage: 'shared', version: '10.2.1-6', lookup: 'dl_iterate_phdr' },
      libstdcxx: '10.2.1-6',
      symbolizer: {
        module: 'github.com/ianlancetaylor/cgosymbolizer',
        version: 'v0.0.0-20210303021718-7cb7081f6b86',
      },
      distribution: 'Debian GNU/Linux 11 (bullseye)',
      architecture: 'amd64',
      kernel: '6.1.0',
      gdb: '16.3',
    })
  })

  it("takes a static unwinder from the compiler, not from the base's libgcc_s", () => {
    const facts = SHARED.replace('linkage shared', 'linkage static')
      .replace('libgcc-import dl_iterate_phdr', '')
      .replace('libgcc 10.2.1-6', 'libgcc 16-20260101-1')
    expect(parseFacts(facts, TOOLS, null)).toMatchObject({
      unwinder: { linkage: 'static', version: '10.2.1-6', lookup: 'dl_iterate_phdr' },
      libstdcxx: '10.2.1',
    })
  })

  it('takes the safe lookup where libgcc_s imports it', () => {
    const facts = SHARED.replace('libgcc-import dl_iterate_phdr', 'libgcc-import _dl_find_object')
    expect(parseFacts(facts, TOOLS, null).unwinder.lookup).toBe('_dl_find_object')
  })

  it('names a fork by where its source came from', () => {
    const fork = SHARED.replace(
      'distribution',
      'go \t=>\tgithub.com/milvus-io/cgosymbolizer\tv0.0.0-2025\th1:x\ndistribution',
    )
    expect(parseFacts(fork, TOOLS, null).symbolizer).toEqual({
      module: 'github.com/milvus-io/cgosymbolizer',
      version: 'v0.0.0-2025',
    })
  })

  it('says that a folder was local', () => {
    const local = SHARED.replace(
      'distribution',
      'go \t=>\t/symbolizers/local\t(devel)\t\ndistribution',
    )
    expect(parseFacts(local, TOOLS, null).symbolizer).toEqual({
      module: 'github.com/ianlancetaylor/cgosymbolizer',
      version: 'local',
    })
  })

  it('has null and unknown for what is not there', () => {
    expect(parseFacts('', '', null)).toEqual({
      ...{ go: null, glibc: null, gcc: null, libstdcxx: null, symbolizer: null },
      unwinder: { linkage: 'unknown', version: null, lookup: 'unknown' },
      ...{ distribution: null, architecture: null, kernel: null, gdb: null },
    })
  })

  it("takes the build's word where Go keeps no list of modules in a program", () => {
    const go = 'go go version go1.12.17 linux/amd64\n'
    expect(
      parseFacts(`symbolizer example.org/x example.org/fork v1.2.3\n${go}`, '', null),
    ).toMatchObject({
      go: '1.12.17',
      symbolizer: { module: 'example.org/fork', version: 'v1.2.3' },
    })
    expect(parseFacts(`symbolizer example.org/x local\n${go}`, '', null).symbolizer).toEqual({
      module: 'example.org/x',
      version: 'local',
    })
  })

  it('finds the module of the package that sets a symbolizer in a program of one’s own', () => {
    const own = SHARED.replace(/^symbolizer .*\n/m, '')
    expect(parseFacts(own, TOOLS, null).symbolizer).toBeNull()
    const inModule = `${own}symbolizer-package github.com/ianlancetaylor/cgosymbolizer/inner\n`
    expect(parseFacts(inModule, TOOLS, null).symbolizer).toEqual({
      module: 'github.com/ianlancetaylor/cgosymbolizer',
      version: 'v0.0.0-20210303021718-7cb7081f6b86',
    })
    expect(
      parseFacts(`${own}symbolizer-package reproducer/trace\n`, TOOLS, null).symbolizer,
    ).toEqual({ module: 'reproducer/trace', version: 'local' })
  })

  it('does not take its word where Go keeps one', () => {
    const facts = SHARED.replace(/^go \tdep.*\n/m, '')
    expect(parseFacts(facts, TOOLS, null).symbolizer).toBeNull()
  })
})

describe('parseGdb', () => {
  it.each([
    ['gdb GNU gdb (Debian 16.3-1) 16.3', '16.3'],
    ['gdb GNU gdb (GDB) 18.1.90.20260101-git', '18.1.90.20260101'],
    ['gdb nothing', null],
  ])('%s → %s', (line, version) => {
    expect(parseGdb(`${line}\n`)).toBe(version)
  })
})
