import { GUARD_LINES, SAFE_SYMBOLIZER_LINES, SHARED_LINES } from '../mitigation/lines.js'
import { resolveBase } from '../toolchain/base.js'
import { valueOf } from './axes.js'
import type { AxisName } from './axes.js'
import type { CompatCell } from './compat.js'

/** Lines to copy that take the way of a cell in which it held; null where there are none to give. */
export function workaroundLines(axis: AxisName, { values }: CompatCell): string | null {
  switch (axis) {
    case 'mitigation':
      return GUARD_LINES
    case 'symbolizer':
      return valueOf(values, 'symbolizer').startsWith('nsrip-dd') ? SAFE_SYMBOLIZER_LINES : null
    case 'libgcc':
      return valueOf(values, 'libgcc') === 'shared' ? SHARED_LINES : null
    case 'glibc':
    case 'base-image':
      return `FROM ${baseOf(values)}`
    default:
      return null
  }
}

function baseOf(values: CompatCell['values']): string {
  const { baseImage } = resolveBase({
    glibc: values['glibc'],
    gcc: valueOf(values, 'gcc'),
    baseImage: values['base-image'],
  })
  return baseImage
}
