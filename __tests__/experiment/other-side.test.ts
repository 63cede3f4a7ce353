import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { scrubEnvironment } from '../../src/environment.js'
import { findOtherSide } from '../../src/experiment/other-side.js'
import type { OtherSide } from '../../src/experiment/other-side.js'
import { SILENT } from '../../src/log.js'
import { makeRepository } from '../helpers/repository.js'
import type { Repository } from '../helpers/repository.js'

let repository: Repository
let first: string

beforeAll(async () => {
  repository = await makeRepository()
  first = await repository.commit('begin', { 'walk/go.mod': 'module example.org/walk\n' })
  await repository.commit('go on', { 'walk/walk.go': 'package walk\n' })
})

function find(given: string): Promise<OtherSide> {
  const deps = {
    ...{ env: scrubEnvironment(process.env), log: SILENT },
    signal: new AbortController().signal,
  }
  return findOtherSide(given, './walk', repository.folder, deps)
}

it('takes a folder as it is, and an older state of the symbolizer by its commit', async () => {
  const folder = join(repository.folder, 'walk')
  expect(await find('./walk')).toEqual({ name: './walk', folder, commit: null })
  const name = `HEAD^ (${first.slice(0, 12)})`
  expect(await find('HEAD^')).toEqual({ name, folder, commit: first })
})

it('says no before anything is built, naming the input', async () => {
  await expect(find('.')).rejects.toThrow(`compare-to: there is no go.mod in ${repository.folder}`)
  await expect(find('no-such-branch')).rejects.toThrow('has no commit no-such-branch')
})
