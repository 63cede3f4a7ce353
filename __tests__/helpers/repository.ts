import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A git repository of a test's own. */
export interface Repository {
  readonly folder: string
  /** Runs git in it and gives what it printed */
  git(...args: string[]): Promise<string>
  /** Writes files and commits all there is; gives the commit's hash */
  commit(subject: string, files?: Readonly<Record<string, string>>): Promise<string>
}

/** Makes an empty repository on the branch `main`. */
export async function makeRepository(): Promise<Repository> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'repository-')))
  return openRepository(folder)
}

async function openRepository(folder: string): Promise<Repository> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_AUTHOR_DATE: '2024-03-02T10:00:00+00:00',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
  }
  async function git(...args: string[]): Promise<string> {
    return (await run('git', args, { cwd: folder, env })).stdout.trimEnd()
  }
  await git('init', '--quiet', '--initial-branch', 'main')
  return {
    folder,
    git,
    commit: async (subject, files = {}) => {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true })
        await writeFile(join(folder, name), text)
      }
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', '--message', subject)
      return git('rev-parse', 'HEAD')
    },
  }
}
