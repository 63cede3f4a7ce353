import type { PRESET_NAMES, Spec } from './spec.js'

const NOTHING: Spec = { axes: {}, with: {}, include: [], exclude: [], known: [] }

const BOUNDARY: Spec['include'] = [
  { glibc: '2.31', gcc: '10' },
  { glibc: '2.36', gcc: '11', libgcc: 'static' },
  { glibc: '2.36', gcc: '12', libgcc: 'static' },
  { glibc: '2.36' },
  { glibc: '2.41' },
]

/** Specs by name, for those who have none of their own, and to start one from. */
export const PRESETS: Readonly<Record<(typeof PRESET_NAMES)[number], Spec>> = {
  /** Both sides of the boundary, each by one cell */
  quick: {
    ...NOTHING,
    with: { duration: '10s' },
    include: [...BOUNDARY, { glibc: '2.31', gcc: '10', symbolizer: 'nsrip-dd' }],
  },
  /** Every base that is really run with this tool, old and new Go, both linkages, three ways to walk the stack */
  full: {
    ...NOTHING,
    axes: {
      go: ['1.17', 'oldstable', 'stable'],
      'base-image': ['debian:bullseye', 'debian:bookworm', 'debian:trixie', 'debian:sid'],
      gcc: ['default', '11', '12'],
      libgcc: ['shared', 'static'],
      symbolizer: ['ianlancetaylor', 'nsrip-dd', 'none'],
    },
    with: { duration: '15s' },
  },
  /** The module that is checked out, where libgcc is dangerous and where it is not */
  symbolizer: {
    ...NOTHING,
    with: { duration: '30s' },
    include: BOUNDARY.map((values) => ({ ...values, symbolizer: './' })),
  },
}
