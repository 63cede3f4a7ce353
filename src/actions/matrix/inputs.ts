import { lines } from '../../inputs/parsers.js'

/** What matrix/action.yml declares, by name, and the value of each that is not given. */
export const MATRIX_DEFAULTS = { spec: 'quick', 'affected-by': '' } as const

export const MATRIX_OUTPUTS = ['include', 'count', 'left-out'] as const

export interface MatrixInputs {
  readonly spec: string
  /** Undefined: all cells */
  readonly affectedBy: readonly string[] | undefined
}

/** Reads the inputs as text by their names. */
export function readMatrixInputs(read: (name: string) => string): MatrixInputs {
  const changed = lines(read('affected-by'))
  return {
    spec: read('spec').trim() || MATRIX_DEFAULTS.spec,
    affectedBy: changed.length === 0 ? undefined : changed,
  }
}
