import { mkdir, rm } from 'node:fs/promises'
import { ConfigurationError } from '../errors.js'
import { askGit } from './git.js'
import type { GitDeps } from './git.js'

/** One commit of a repository. */
export interface Revision {
  /** Full hash */
  readonly commit: string
  /** First line of its message; others wrote it */
  readonly subject: string
  /** When it was written, in ISO 8601 */
  readonly authoredAt: string
}

/** A repository, and the place in it of the folder that was asked about. */
interface Place {
  readonly gitFolder: string
  /** `` for the root, else with a slash at its end: `pkg/symbolizer/` */
  readonly prefix: string
}

/** A commit as `git log` prints it with this format; subjects hold no NUL. */
export const REVISION_FORMAT = '%H%x00%aI%x00%s'

/** A line of `REVISION_FORMAT`. */
export function parseRevision(line: string): Revision {
  const [commit = '', authoredAt = '', subject = ''] = line.split('\0')
  return { commit, authoredAt, subject }
}

/**
 * The commit that a ref names in the repository that holds a folder.
 * @param ref a branch, a tag, a commit or `HEAD~3`
 * @throws ConfigurationError when the folder is in no repository, or the repository has no such commit
 */
export async function findRevision(folder: string, ref: string, deps: GitDeps): Promise<Revision> {
  await findPlace(folder, deps)
  const commit = await resolveRef(folder, ref, deps)
  const { text, complaint } = await askGit(
    folder,
    ['log', '-1', '--no-show-signature', `--format=${REVISION_FORMAT}`, commit, '--'],
    deps,
  )
  if (text === null) throw new ConfigurationError(`${ref} can't be read: ${complaint}`)
  return parseRevision(text.trimEnd())
}

/**
 * Writes the files that a folder of a repository has at another commit to a folder of their own. Neither the checkout
 * nor the index of the user is touched: git itself writes the files, from an index of ours, with the same protection
 * against paths and links that lead out of the folder as in every checkout. Submodules stay empty.
 * @param folder the repository's root or any folder in it
 * @param ref a branch, a tag, a commit or `HEAD~3`
 * @param into absolute; made, and must be empty or missing
 * @throws ConfigurationError when the folder is in no repository, or there is no such commit, or it lacks that folder
 */
export async function extractRevision(
  folder: string,
  ref: string,
  into: string,
  deps: GitDeps,
): Promise<Revision> {
  const { gitFolder, prefix } = await findPlace(folder, deps)
  const revision = await findRevision(folder, ref, deps)
  const index = `${into}.index`
  const settings = { GIT_DIR: gitFolder, GIT_WORK_TREE: into, GIT_INDEX_FILE: index }
  await mkdir(into, { recursive: true })
  try {
    for (const args of [
      ['read-tree', `${revision.commit}:${prefix}`],
      ['checkout-index', '--all'],
    ]) {
      const { text, complaint } = await askGit(into, args, deps, settings)
      if (text === null) throw notThere(ref, prefix, complaint)
    }
  } finally {
    await rm(index, { force: true })
  }
  return revision
}

async function findPlace(folder: string, deps: GitDeps): Promise<Place> {
  const { text, complaint } = await askGit(
    folder,
    ['rev-parse', '--absolute-git-dir', '--show-prefix'],
    deps,
  )
  const [gitFolder, prefix = ''] = text?.split('\n') ?? []
  if (gitFolder !== undefined) return { gitFolder, prefix }
  throw new ConfigurationError(
    `${folder} can't be read as a git repository or a folder in one: ${complaint}`,
  )
}

async function resolveRef(folder: string, ref: string, deps: GitDeps): Promise<string> {
  // No name of a commit begins so (git-check-ref-format): it would be an option.
  const { text } = ref.startsWith('-')
    ? { text: null }
    : await askGit(folder, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], deps)
  if (text !== null) return text.trim()
  const advice = await adviseOnHistory(
    folder,
    'Give a branch (origin/main where it was not checked out), a tag or a commit that git log shows.',
    deps,
  )
  throw new ConfigurationError(`The repository at ${folder} has no commit ${ref}. ${advice}`)
}

/** What to do where history lacks something: first of all to fetch it, where the clone has only its newest part. */
export async function adviseOnHistory(
  folder: string,
  otherwise: string,
  deps: GitDeps,
): Promise<string> {
  const { text } = await askGit(folder, ['rev-parse', '--is-shallow-repository'], deps)
  return text?.trim() === 'true'
    ? 'It is a shallow clone, which lacks older commits and other branches: give actions/checkout fetch-depth: 0, or run git fetch --unshallow.'
    : otherwise
}

function notThere(ref: string, prefix: string, complaint: string): ConfigurationError {
  const what = prefix === '' ? ref : `${prefix.slice(0, -1)} at ${ref}`
  return new ConfigurationError(`${what} can't be taken out of its repository: ${complaint}`)
}
