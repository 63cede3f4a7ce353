import { chmod, lstat, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { scrubEnvironment } from '../../src/environment.js'
import { ConfigurationError } from '../../src/errors.js'
import { extractRevision, findRevision } from '../../src/symbolizer-source/revision.js'
import { makeRepository } from '../helpers/repository.js'
import type { Repository } from '../helpers/repository.js'

const deps = { env: scrubEnvironment(process.env) }
let repository: Repository
let into: string

beforeEach(async () => {
  repository = await makeRepository()
  into = join(await mkdtemp(join(tmpdir(), 'extract-')), 'tree')
})

describe('extractRevision', () => {
  it('writes the files of that commit and leaves checkout and index as they were', async () => {
    const first = await repository.commit('first', { 'go.mod': 'module one\n', 'old.c': 'old' })
    await rm(join(repository.folder, 'old.c'))
    await repository.commit('second', { 'go.mod': 'module two\n' })
    await writeFile(join(repository.folder, 'go.mod'), 'module three\n')
    await repository.git('add', 'go.mod')
    await writeFile(join(repository.folder, 'unknown.c'), 'not committed')
    const before = await repository.git('status', '--porcelain')

    const revision = await extractRevision(repository.folder, 'HEAD~1', into, deps)

    expect(revision).toEqual({
      commit: first,
      subject: 'first',
      authoredAt: '2024-03-02T10:00:00+00:00',
    })
    expect((await readdir(into)).toSorted()).toEqual(['go.mod', 'old.c'])
    expect(await readFile(join(into, 'go.mod'), 'utf8')).toBe('module one\n')
    expect(await repository.git('status', '--porcelain')).toBe(before)
    expect(await readdir(join(into, '..'))).toEqual(['tree'])
  })

  it('takes out a folder of the repository alone', async () => {
    await repository.commit('both', { 'README.md': 'top', 'a/b/go.mod': 'module b\n' })
    await extractRevision(join(repository.folder, 'a/b'), 'main', into, deps)
    expect(await readdir(into)).toEqual(['go.mod'])
  })

  it('takes files that an archive would leave out or change', async () => {
    await repository.commit('attributes', {
      '.gitattributes': 'kept.c export-ignore\nsame.c export-subst\n',
      'kept.c': 'kept',
      'same.c': '$Format:%H$',
    })
    await extractRevision(repository.folder, 'main', into, deps)
    expect(await readFile(join(into, 'kept.c'), 'utf8')).toBe('kept')
    expect(await readFile(join(into, 'same.c'), 'utf8')).toBe('$Format:%H$')
  })

  it('writes links as links, and runs no hook', async () => {
    await symlink('/etc/passwd', join(repository.folder, 'link'))
    await repository.commit('link', { 'go.mod': 'module one\n' })
    const hook = join(repository.folder, '.git/hooks/post-index-change')
    await writeFile(hook, `#!/bin/sh\ntouch ${into}.hooked\n`)
    await chmod(hook, 0o755)
    await extractRevision(repository.folder, 'main', into, deps)
    expect((await lstat(join(into, 'link'))).isSymbolicLink()).toBe(true)
    expect(await readdir(join(into, '..'))).toEqual(['tree'])
  })

  it('writes nothing through a link that takes the place of a folder', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'))
    const blob = await hash(outside)
    const file = await hash('stolen')
    const inner = await tree(`100644 blob ${file}\tfile\n`)
    const bad = await tree(`120000 blob ${blob}\tdir\n040000 tree ${inner}\tdir\n`)
    const commit = await repository.git('commit-tree', bad, '-m', 'bad')
    await extractRevision(repository.folder, commit, into, deps).catch(() => undefined)
    expect(await readdir(outside)).toEqual([])
  })

  it('takes all files of a sparse checkout', async () => {
    await repository.commit('both', { 'README.md': 'top', 'a/go.mod': 'module a\n' })
    await repository.git('sparse-checkout', 'set', '--no-cone', '/a/')
    await extractRevision(repository.folder, 'main', into, deps)
    expect((await readdir(into)).toSorted()).toEqual(['README.md', 'a'])
  })

  it('says when that commit has no such folder', async () => {
    await repository.commit('without', { 'README.md': 'top' })
    await repository.commit('with', { 'a/go.mod': 'module a\n' })
    await expect(
      extractRevision(join(repository.folder, 'a'), 'HEAD~1', into, deps),
    ).rejects.toThrow(/^a at HEAD~1 can't be taken out/)
  })
})

describe('findRevision', () => {
  it('says what a ref that is not there could be', async () => {
    await repository.commit('only')
    for (const ref of ['nowhere', '--all', '']) {
      const asked = findRevision(repository.folder, ref, deps)
      await expect(asked).rejects.toThrow(ConfigurationError)
      await expect(asked).rejects.toThrow(`has no commit ${ref}. Give a branch`)
    }
  })

  it('says fetch-depth: 0 in a shallow clone', async () => {
    const first = await repository.commit('first')
    await repository.commit('second')
    const clone = join(into, 'clone')
    await repository.git('clone', '--quiet', '--depth', '1', `file://${repository.folder}`, clone)
    await expect(findRevision(clone, first, deps)).rejects.toThrow(/shallow.*fetch-depth: 0/)
  })

  it('says when there is no repository, or no folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'none-'))
    await expect(findRevision(folder, 'main', deps)).rejects.toThrow(/not a git repository/)
    await expect(findRevision(join(folder, 'x'), 'main', deps)).rejects.toThrow(/No such file/)
  })
})

/** Stores text as a blob. */
async function hash(text: string): Promise<string> {
  await writeFile(join(repository.folder, 'blob'), text)
  return repository.git('hash-object', '-w', 'blob')
}

/** Stores a tree that git itself would not make. */
async function tree(entries: string): Promise<string> {
  const bytes = entries
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode = '', id = '', name = ''] = /^0?(\d+) \w+ (\w+)\t(.*)$/.exec(line) ?? []
      return Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')])
    })
  await writeFile(join(repository.folder, 'blob'), Buffer.concat(bytes))
  return repository.git('hash-object', '-w', '-t', 'tree', '--literally', 'blob')
}
