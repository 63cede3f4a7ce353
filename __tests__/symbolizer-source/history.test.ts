import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { scrubEnvironment } from '../../src/environment.js'
import { listRevisions } from '../../src/symbolizer-source/history.js'
import { makeRepository } from '../helpers/repository.js'
import type { Repository } from '../helpers/repository.js'

const deps = { env: scrubEnvironment(process.env) }
let repository: Repository

beforeEach(async () => {
  repository = await makeRepository()
})

async function subjects(folder: string, one: string, other: string): Promise<string[]> {
  return (await listRevisions(folder, [one, other], deps)).map(({ subject }) => subject)
}

it('lists both ends and all between, the older first, however they are given', async () => {
  for (const name of ['one', 'two', 'three', 'four']) {
    await repository.commit(name, { 'go.mod': name })
  }
  expect(await subjects(repository.folder, 'main~2', 'main')).toEqual(['two', 'three', 'four'])
  expect(await subjects(repository.folder, 'main', 'main~2')).toEqual(['two', 'three', 'four'])
})

it('leaves out commits that change nothing in the folder', async () => {
  await repository.commit('one', { 'mod/go.mod': '1' })
  await repository.commit('two', { 'mod/go.mod': '2' })
  await repository.commit('elsewhere', { README: 'x' })
  await repository.commit('three', { 'mod/go.mod': '3' })
  await repository.commit('elsewhere again', { README: 'y' })
  const folder = join(repository.folder, 'mod')
  expect(await subjects(folder, 'main~4', 'main')).toEqual(['one', 'two', 'three'])
  await expect(subjects(folder, 'main~1', 'main')).rejects.toThrow(/No commit between main~1/)
})

it('goes over a merge along its first parent', async () => {
  await repository.commit('one', { 'go.mod': '1' })
  await repository.git('checkout', '--quiet', '-b', 'side')
  await repository.commit('side one', { 'a.c': '1' })
  await repository.commit('side two', { 'a.c': '2' })
  await repository.git('checkout', '--quiet', 'main')
  await repository.commit('two', { 'go.mod': '2' })
  await repository.git('merge', '--quiet', '--no-ff', '--message', 'merge', 'side')
  expect(await subjects(repository.folder, 'main~2', 'main')).toEqual(['one', 'two', 'merge'])
})

it('refuses ends without an order, and says fetch-depth: 0 in a shallow clone', async () => {
  await repository.commit('one', { 'go.mod': '1' })
  await repository.git('checkout', '--quiet', '-b', 'side')
  await repository.commit('side', { 'a.c': '1' })
  await repository.git('checkout', '--quiet', 'main')
  await repository.commit('two', { 'go.mod': '2' })
  await expect(subjects(repository.folder, 'main', 'side')).rejects.toThrow(
    /Neither main nor side comes before the other.*git merge-base main side/,
  )
  const clone = join(await mkdtemp(join(tmpdir(), 'clone-')), 'shallow')
  const source = `file://${repository.folder}`
  await repository.git('clone', '--quiet', '--depth', '1', '--no-single-branch', source, clone)
  await expect(subjects(clone, 'main', 'origin/side')).rejects.toThrow(/fetch-depth: 0/)
})
