import { signalName } from '../gdb/signals.js'
import type { Deadly, MapPlan } from './map-plan.js'
import { predictRate } from './prediction.js'
import type { DeadlyMap, SweepPlace } from './schema.js'
import { groupWindows } from './windows.js'

/** What the map was made of, beside the plan that was carried out. */
export interface MapFacts {
  /** Place of each step of the plain throw */
  readonly way: readonly SweepPlace[]
  /** Steps whose handler came back */
  readonly survived: ReadonlySet<number>
  /** Where the thread was found while it ran free */
  readonly samples: readonly SweepPlace[]
}

/** The whole map as the record keeps it. */
export function drawMap(plan: MapPlan, facts: MapFacts): DeadlyMap {
  const deadly = plan.deadly.toSorted(byStep)
  const deadlySteps = new Set(deadly.map(({ step }) => step))
  const decided = new Set([...facts.survived, ...deadlySteps]).size
  return {
    decided,
    of: countInstructions(facts.way),
    complete: plan.open.length === 0,
    deadly: deadly.map(({ step, kind, signal, at }) => ({
      step,
      kind,
      signal: signalName(signal),
      at,
    })),
    windows: groupWindows(deadly, facts.survived),
    shareOfInstructions: decided === 0 ? 0 : deadlySteps.size / decided,
    time: predictRate(deadly, facts.way, facts.samples),
    processes: plan.processes,
  }
}

function byStep(one: Deadly, other: Deadly): number {
  return one.step - other.step || one.signal - other.signal
}

/** Steps that begin an instruction: a repeated one stays at its place for further rounds, which are none. */
function countInstructions(way: readonly SweepPlace[]): number {
  return way.filter((place, step) => {
    const before = way[step - 1]
    return before?.offset !== place.offset || before.file !== place.file
  }).length
}
