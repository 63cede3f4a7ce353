import type { Traceback } from './schema.js'

/**
 * Does the symbolizer unwind at all? One frame a traceback is the interrupted instruction, which the signal itself brings;
 * whoever called it only an unwinder knows. One that gives no more can't deadlock, and is of no use.
 * @returns null where no signal met the code, so that it can't be told
 */
export function unwinds({ made, frames }: Traceback): boolean | null {
  return made === 0 ? null : frames > made
}

/** That it does not unwind, in a sentence. */
export function blindText({ made, frames }: Traceback): string {
  return `The symbolizer unwinds nothing: ${made} signals met plain C++ code three calls deep, and its tracebacks gave ${frames} frames of C in all. A handler that looks at nothing can't hang, and shows nothing either.`
}

/** What one traceback takes, where that is known: `0.5 µs`, `12 µs` */
export function timeText(microseconds: number | null): string {
  if (microseconds === null) return ''
  return `${microseconds.toFixed(microseconds < 10 ? 1 : 0)} µs`
}
