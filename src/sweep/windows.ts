import { signalName } from '../gdb/signals.js'
import type { Deadly } from './map-plan.js'
import type { DeadlyWindow } from './schema.js'

/**
 * Deadly instructions side by side, as windows. Two neighbours are of one window when no instruction between them was
 * survived; `gap` is the longest that repeated string instructions may make.
 */
export function groupWindows(
  deadly: readonly Deadly[],
  survivedSteps: ReadonlySet<number>,
): DeadlyWindow[] {
  const steps = [...new Set(deadly.map(({ step }) => step))].toSorted((one, other) => one - other)
  const groups: number[][] = []
  for (const step of steps) {
    const last = groups.at(-1)
    const before = last?.at(-1)
    if (last !== undefined && before !== undefined && !survivedBetween(before, step, survivedSteps))
      last.push(step)
    else groups.push([step])
  }
  return groups.flatMap((group) => describeWindow(group, deadly) ?? [])
}

/** Steps that had no signal of their own (rounds) divide nothing. */
function survivedBetween(from: number, to: number, survived: ReadonlySet<number>): boolean {
  if (to - from > 64) return true
  for (let step = from + 1; step < to; step += 1) if (survived.has(step)) return true
  return false
}

/** A function that takes or gives back a lock, by its name in glibc, musl and others. */
const LOCKS = /lock|mutex/i

function describeWindow(steps: readonly number[], deadly: readonly Deadly[]): DeadlyWindow | null {
  const members = deadly
    .filter(({ step }) => steps.includes(step))
    .toSorted((one, other) => one.step - other.step)
  const [first] = members
  const last = members.at(-1)
  if (first === undefined || last === undefined) return null
  return {
    from: first.step,
    to: last.step,
    kinds: [...new Set(members.map(({ kind }) => kind))],
    function: first.at.function,
    first: first.at,
    last: last.at,
    locked: first.at.function !== null && LOCKS.test(first.at.function),
    signals: [...new Set(members.map(({ signal }) => signalName(signal)))],
    waiting: first.waiting,
  }
}
