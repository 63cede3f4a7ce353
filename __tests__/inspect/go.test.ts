import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { architectureOf, callsTraceback } from '../../src/inspect/architecture.js'
import { readElf } from '../../src/inspect/elf.js'
import { parseModules, readGo } from '../../src/inspect/go.js'
import { withBytes } from '../../src/inspect/roots.js'
import { makeFolder } from '../helpers/native.js'
import { buildGo, inspectHere, unpack } from './files.js'

let folder: Awaited<ReturnType<typeof makeFolder>>
beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => folder.remove())

const MAIN = { 'main.go': 'package main\n\nfunc main() {}\n' }

describe('build information', () => {
  it.each(['go-1.17', 'go-1.17-pie'])('is read by way of its pointers: %s', async (name) => {
    const file = await unpack(name, join(folder.path, name))
    const go = withBytes(file, (bytes) => {
      const elf = readElf(bytes)
      return elf === null ? null : readGo(elf)
    })
    expect(go?.version).toBe('1.17.13')
    expect(go?.modules).toMatchObject([{ path: 'example.org/program', replacedBy: null }])
  })

  it('is read where the strings stand in it, on 32 bits and in the other byte order', async () => {
    const env = { GOARCH: 'mips', CGO_ENABLED: '0' }
    const flags = ['-ldflags=-s -w']
    const file = await buildGo(join(folder.path, 'mips'), MAIN, { env, flags })
    const { go, architecture, verdict } = await inspectHere(file)
    expect({ architecture, verdict }).toEqual({ architecture: 'mips', verdict: 'safe' })
    expect(go).toMatchObject({ modules: 1, traceback: false, profilers: [] })
    expect(go?.version).toMatch(/^1\.\d+/)
  }, 300_000)

  it('names what stands in for a module', () => {
    expect(
      parseModules(
        'path\tmain\nmod\tmain\t(devel)\t\ndep\texample.org/a\tv1.2.0\th1:x\n=>\texample.org/b\tv1.3.0\th1:y\ndep\texample.org/c\tv1.0.0\th1:z\n=>\t./c\t(devel)\t\n',
      ),
    ).toEqual([
      { path: 'main', version: '(devel)', replacedBy: null },
      {
        path: 'example.org/a',
        version: 'v1.2.0',
        replacedBy: { path: 'example.org/b', version: 'v1.3.0' },
      },
      { path: 'example.org/c', version: 'v1.0.0', replacedBy: { path: './c', version: '(devel)' } },
    ])
  })
})

describe('architectures', () => {
  it.each([
    ['amd64', '1.7', true],
    ['arm64', '1.18.10', false],
    ['arm64', '1.19', true],
    ['ppc64le', '1.10', true],
    ['ppc64', '1.27.4', false],
    ['loong64', '1.24', false],
    ['loong64', '1.25', true],
    ['arm', '1.27.4', false],
    ['s390x', '1.27.4', false],
    ['amd64', null, true],
  ] as const)('Go on %s %s calls a traceback: %s', (architecture, version, expected) => {
    expect(callsTraceback(architecture, version)).toBe(expected)
  })

  it('have Go’s names', () => {
    expect(architectureOf({ machine: 21, little: true })).toBe('ppc64le')
    expect(architectureOf({ machine: 21, little: false })).toBe('ppc64')
    expect(architectureOf({ machine: 62, little: true })).toBe('amd64')
  })
})
