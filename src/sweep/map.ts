import { signalName } from '../gdb/signals.js'
import { makeCanon } from './canon.js'
import { isSettled, takesSignal } from './map-plan.js'
import type { Deadly, MapPlan } from './map-plan.js'
import { predictRate } from './prediction.js'
import type { DeadlyMap, SweepPlace } from './schema.js'
import { groupWindows } from './windows.js'

/**
 * The whole map as the record keeps it: an instruction is decided when each signal is, and deadly by one of them. Where the
 * thread has every one of them blocked there is nothing to decide.
 */
export function drawMap(
  plan: MapPlan,
  facts: {
    /** Place of each step of the plain throw */
    readonly way: readonly SweepPlace[]
    /** Where the thread was found while it ran free */
    readonly samples: readonly SweepPlace[]
  },
): DeadlyMap {
  const deadly = uniqueByStep(plan.deadly)
  const deadlySteps = new Set(deadly.map(({ step }) => step))
  const instructions = makeCanon(facts.way).steps.filter((step) => takesSignal(plan, step))
  const decided = instructions.filter(
    (step) => deadlySteps.has(step) || isSettled(plan, step),
  ).length
  return {
    decided,
    of: instructions.length,
    complete: decided === instructions.length,
    deadly: deadly.map(({ step, kind, signal, at }) => ({
      step,
      kind,
      signal: signalName(signal),
      at,
    })),
    windows: groupWindows(deadly, instructions),
    afterOthers: countAfterOthers(plan),
    shareOfInstructions: decided === 0 ? 0 : deadlySteps.size / decided,
    time: predictRate(deadly, facts.way, facts.samples),
    processes: plan.processes,
  }
}

/** In the order of the throw; the same instruction may have been found deadly in two stretches. */
function uniqueByStep(deadly: readonly Deadly[]): Deadly[] {
  const found = new Map(deadly.map((each) => [`${each.step} ${each.signal}`, each]))
  return [...found.values()].toSorted(
    (one, other) => one.step - other.step || one.signal - other.signal,
  )
}

function countAfterOthers({ suspect, survived }: MapPlan): number {
  const steps = [...suspect].flatMap(([signal, found]) =>
    [...found].filter((step) => survived.get(signal)?.has(step) === true),
  )
  return new Set(steps).size
}
