import { runNatural } from '../src/experiment/natural.js'
import type { Ending } from '../src/watch/types.js'
import { again, buildCell, VULNERABLE } from './cell.js'
import { seconds } from './words.js'
import type { Workplace } from './workplace.js'

/** One run of the vulnerable cell, in milliseconds since the container's start; Infinity: it did not come to that. */
export interface Hang {
  /** Its last sign of life */
  readonly sinceMs: number
  /** The watch suspected it */
  readonly suspectedMs: number
  /** A dump proved it */
  readonly verdictMs: number
}

const NEVER: Hang = { sinceMs: Infinity, suspectedMs: Infinity, verdictMs: Infinity }

/** Runs the vulnerable cell again and again under the whole product. */
export async function runHangs(workplace: Workplace, runs: number): Promise<Hang[]> {
  const plan = await buildCell(workplace, VULNERABLE)
  const hangs: Hang[] = []
  for (let run = 1; run <= runs; run += 1) {
    workplace.deps.signal.throwIfAborted()
    const { ending } = await runNatural(workplace.host, again(plan), workplace.deps)
    hangs.push(hangOf(ending))
    workplace.say(`  run ${run} of ${runs}: ${ending.reason} after ${seconds(ending.atMs)}`)
  }
  return hangs
}

/** Only an ending that a dump confirmed is a verdict here. */
export function hangOf(ending: Ending): Hang {
  if (ending.reason !== 'confirmed') return NEVER
  const { sinceMs, atMs } = ending.suspicion
  return { sinceMs, suspectedMs: atMs, verdictMs: ending.atMs }
}
