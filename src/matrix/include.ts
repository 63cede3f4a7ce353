import { ConfigurationError } from '../errors.js'
import type { Cell } from './cells.js'

/** GitHub starts at most this many jobs from one matrix. */
const MAX_JOBS = 256

/** One entry of `strategy.matrix.include`: a job's name, its machine, and the action's inputs by their names. */
export type MatrixEntry = Readonly<Record<string, string>>

/**
 * The cells as GitHub's matrix takes them.
 * @throws ConfigurationError when there are more than GitHub takes
 */
export function matrixEntries(cells: readonly Cell[]): MatrixEntry[] {
  if (cells.length > MAX_JOBS) {
    throw new ConfigurationError(
      `The spec has ${cells.length.toLocaleString('en-US')} cells; GitHub takes at most ${MAX_JOBS} jobs in one matrix. ` +
        'Take values away, exclude some, or run them on one machine with cgo-deadlock matrix --run.',
    )
  }
  return cells.map(({ name, slug, runner, group, inputs }) => ({
    ...{ name, slug, runner, group },
    ...inputs,
  }))
}
