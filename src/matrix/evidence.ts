import { findBase, resolveBase } from '../toolchain/base.js'
import { valueOf } from './axes.js'
import type { AxisValues } from './axes.js'
import type { CompatCell } from './compat.js'

/** What the catalog knew of the base that a cell is built on; null for an image, and for a base of the user's own. */
export function evidenceOf(values: AxisValues): CompatCell['evidence'] {
  if (values.image !== undefined) return null
  try {
    const { baseImage } = resolveBase({
      glibc: values.glibc,
      gcc: valueOf(values, 'gcc'),
      baseImage: values['base-image'],
    })
    return findBase(baseImage)?.evidence ?? null
  } catch {
    return null
  }
}
