import { existsSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync, zipSync } from 'fflate'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { downloadResults } from '../../src/actions/report/artifacts.js'
import { uploadFolder } from '../../src/actions/run/upload.js'
import { startResultsServer } from '../helpers/results-server.js'
import type { ResultsServer } from '../helpers/results-server.js'

let server: ResultsServer
let folder: string

beforeEach(async () => {
  server = await startResultsServer()
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value)
  folder = await mkdtemp(join(tmpdir(), 'archive-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await server.close()
  await rm(folder, { recursive: true })
})

it('puts no file of a downloaded archive outside its folder, whatever it is called, and makes no links', async () => {
  const text = Uint8Array.from(Buffer.from('owned'))
  const link = [
    Uint8Array.from(Buffer.from('/etc/passwd')),
    { os: 3, attrs: 0o120777 << 16 },
  ] as const
  const zip = zipSync({
    'result.json': text,
    '../../above': text,
    'deep/../../../further': text,
    [join(folder, 'absolute')]: text,
    link: [link[0], link[1]],
  })
  // A tool that takes the names as they stand would write there.
  const names = Object.keys(unzipSync(zip))
  expect(names).toContain('../../above')
  expect(join(folder, 'results/cgo-deadlock-x', '../../above')).toBe(join(folder, 'above'))

  server.put('cgo-deadlock-x', zip)
  const results = join(folder, 'results')
  const found = await downloadResults(results, new Set(), undefined)
  expect(found).toEqual([{ where: 'cgo-deadlock-x', content: { text: 'owned' } }])
  expect(await readdir(folder)).toEqual(['results'])
  expect(await readdir(results)).toEqual(['cgo-deadlock-x'])
  expect(existsSync(join(results, '..', '..', 'further'))).toBe(false)
  const placed = await lstat(join(results, 'cgo-deadlock-x', 'link'))
  expect(placed.isSymbolicLink()).toBe(false)
})

it('uploads the files of its folder, and nothing that a link in it leads to', async () => {
  const evidence = join(folder, 'evidence')
  await mkdir(join(evidence, 'sub'), { recursive: true })
  await writeFile(join(evidence, 'result.json'), '{}')
  await writeFile(join(folder, 'secret'), 'secret')
  await symlink('../secret', join(evidence, 'output.log'))
  await symlink('/etc', join(evidence, 'folder'))
  await uploadFolder('cgo-deadlock-x', evidence, undefined, {})
  expect([...(server.artifacts.get('cgo-deadlock-x')?.keys() ?? [])]).toEqual(['result.json'])
})
