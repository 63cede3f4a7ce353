import { signalName } from '../gdb/signals.js'
import type { Deadly } from './map-plan.js'
import type { DeadlyWindow } from './schema.js'

/**
 * Deadly instructions side by side, as windows: no instruction lies between two neighbours of one.
 * @param instructions steps that begin an instruction, in order
 */
export function groupWindows(
  deadly: readonly Deadly[],
  instructions: readonly number[],
): DeadlyWindow[] {
  const bySteps = new Map<number, Deadly[]>()
  for (const each of deadly) bySteps.set(each.step, [...(bySteps.get(each.step) ?? []), each])
  const windows: Deadly[][] = []
  let before = false
  for (const step of instructions) {
    const here = bySteps.get(step)
    if (here !== undefined && before) windows.at(-1)?.push(...here)
    else if (here !== undefined) windows.push([...here])
    before = here !== undefined
  }
  return windows.flatMap((members) => describeWindow(members) ?? [])
}

/** A function that takes or gives back a lock, by its name in glibc, musl and others. */
const LOCKS = /lock|mutex/i

function describeWindow(members: readonly Deadly[]): DeadlyWindow | null {
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
    stack: [...first.stack],
    waiting: first.waiting,
    evidence: [...first.evidence],
  }
}
