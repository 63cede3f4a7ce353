import type { Traceback } from './schema.js'

/**
 * Does the symbolizer unwind at all? One that gives no frame can't deadlock, and is of no use.
 * @returns null where no signal met the code, so that it can't be told
 */
export function unwinds({ made, frames }: Traceback): boolean | null {
  return made === 0 ? null : frames > 0
}

/**
 * What the symbolizer sees of C, in one sentence.
 * @example "The symbolizer gave 5.0 frames of C a signal, in 23 µs; the CPU profile named C functions in 98 of 99 samples: spin_inner, spin_middle, spin_outer."
 */
export function tracebackText(traceback: Traceback): string {
  const { made, frames, microseconds, samples, named, names } = traceback
  if (made === 0) return 'No signal met plain C++ code, so what the symbolizer sees is not known.'
  if (frames === 0) {
    return `The symbolizer unwinds nothing: ${made} signals met plain C++ code, and none of its tracebacks gave a frame.`
  }
  const each = (frames / made).toFixed(1)
  const cost = microseconds === null ? '' : `, in ${microseconds.toFixed(0)} µs`
  const shown = names.length === 0 ? '' : `: ${names.join(', ')}`
  return `The symbolizer gave ${each} frames of C a signal${cost}; the CPU profile named C functions in ${named} of ${samples} samples${shown}.`
}
