import { isAbsolute, relative, resolve } from 'node:path'
import type { Cell } from './cells.js'

/** A change of these touches every cell: the workflows that run them. */
const WORKFLOWS = '.github'

/**
 * The cells that a change of files can touch. A cell can be touched through the folder that its symbolizer is built
 * from; a cell whose image was built elsewhere may be touched by anything; a change of the spec or of a workflow
 * touches all.
 * @param changed paths of the changed files, relative to `root`
 * @param spec path of the spec; null: a preset
 */
export function affectedCells(
  cells: readonly Cell[],
  changed: readonly string[],
  { root, spec }: { readonly root: string; readonly spec: string | null },
): Cell[] {
  const inside = (folder: string): boolean =>
    changed.some((path) => contains(resolve(root, folder), resolve(root, path)))
  if (inside(WORKFLOWS) || (spec !== null && inside(spec))) return [...cells]
  return cells.filter(({ values: { image, symbolizer } }) => {
    if (image !== undefined) return true
    return symbolizer !== undefined && isFolder(symbolizer) && inside(symbolizer)
  })
}

function isFolder(symbolizer: string): boolean {
  return isAbsolute(symbolizer) || /^\.{1,2}(\/|$)/.test(symbolizer)
}

function contains(folder: string, file: string): boolean {
  const path = relative(folder, file)
  return path !== '..' && !path.startsWith('../') && !isAbsolute(path)
}
