import { resolve } from 'node:path'
import { shortCommit } from '../symbolizer-source/commit.js'
import { findRevision } from '../symbolizer-source/revision.js'
import { isPath } from '../toolchain/path.js'
import { checkModuleFolder } from '../toolchain/resolve.js'
import type { CellDeps } from './deps.js'

/** What a changed symbolizer is compared with. */
export interface OtherSide {
  /** As given, with its commit where it has one */
  readonly name: string
  /** Absolute: the other module, or the changed one where the other is an older state of it */
  readonly folder: string
  /** The commit whose files of that folder are meant; null: those that are there */
  readonly commit: string | null
}

/**
 * Finds the other side of a comparison before anything is built.
 * @param given a folder, or a revision of the repository that the symbolizer is in
 * @throws ConfigurationError when there is no such module or revision
 */
export async function findOtherSide(
  given: string,
  symbolizer: string,
  cwd: string,
  deps: CellDeps,
): Promise<OtherSide> {
  if (isPath(given)) {
    const folder = resolve(cwd, given)
    await checkModuleFolder('compare-to', folder)
    return { name: given, folder, commit: null }
  }
  const folder = resolve(cwd, symbolizer)
  const { commit } = await findRevision(folder, given, deps)
  return { name: `${given} (${shortCommit(commit)})`, folder, commit }
}
