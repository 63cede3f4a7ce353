import { valueOf } from '../src/matrix/axes.js'
import type { CompatCell } from '../src/matrix/compat.js'

/** The first libgcc that finds a frame's table without the loader's lock (gcc 12: unwind-dw2-fde-dip.c, _dl_find_object). */
export const SAFE_LIBGCC = 12

/** Cells that are not as the ground truth has them: what unwinds with a libgcc that locks hangs, all else is immune. */
export function findWrong(cells: readonly CompatCell[]): CompatCell[] {
  return cells.filter(({ values, versions, outcome }) => {
    const locks = Number.parseInt(versions?.libgcc ?? '', 10) < SAFE_LIBGCC
    const unwinds = valueOf(values, 'symbolizer') !== 'framepointer'
    return outcome !== (locks && unwinds ? 'deadlock' : 'immune')
  })
}
