import { ConfigurationError } from '../errors.js'
import { askGit } from './git.js'
import type { GitDeps } from './git.js'
import { adviseOnHistory, findRevision, parseRevision, REVISION_FORMAT } from './revision.js'
import type { Revision } from './revision.js'

/**
 * The commits between two, with both, the older one first. Of a merge only the first parent is followed, so that each
 * commit holds all that came before it; commits that change nothing in the folder are left out.
 * @param ends refs in any order
 * @throws ConfigurationError when one is not there, neither is an ancestor of the other, or nothing changes between them
 */
export async function listRevisions(
  folder: string,
  ends: readonly [string, string],
  deps: GitDeps,
): Promise<Revision[]> {
  const one = await findRevision(folder, ends[0], deps)
  const other = await findRevision(folder, ends[1], deps)
  const [older, newer] = (await isAncestor(folder, one, other, deps)) ? [one, other] : [other, one]
  if (!(await isAncestor(folder, older, newer, deps))) {
    throw new ConfigurationError(
      `Neither ${ends[0]} nor ${ends[1]} comes before the other, so there is no order between them. ` +
        (await adviseOnHistory(
          folder,
          `Give the commit where they part: git merge-base ${ends[0]} ${ends[1]}.`,
          deps,
        )),
    )
  }
  const { text, complaint } = await askGit(
    folder,
    [
      'log',
      '--first-parent',
      '--reverse',
      '--no-show-signature',
      `--format=${REVISION_FORMAT}`,
      `${older.commit}..${newer.commit}`,
      '--',
      '.',
    ],
    deps,
  )
  const changes = text
    ?.split('\n')
    .filter((line) => line !== '')
    .map(parseRevision)
  if (changes === undefined || changes.length === 0) {
    throw new ConfigurationError(
      `No commit between ${ends[0]} and ${ends[1]} changes anything in ${folder}. ${complaint}`.trim(),
    )
  }
  return [older, ...changes]
}

async function isAncestor(
  folder: string,
  one: Revision,
  other: Revision,
  deps: GitDeps,
): Promise<boolean> {
  const { text } = await askGit(
    folder,
    ['merge-base', '--is-ancestor', one.commit, other.commit],
    deps,
  )
  return text !== null
}
