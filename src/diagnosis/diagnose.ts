import type { StoppedProcess } from '../gdb/types.js'
import { assemble } from './assemble.js'
import type { DiagnosisContext } from './context.js'
import type { Finding, Rule } from './finding.js'
import { signalDeadlock } from './rules/signal-deadlock.js'
import { unknown } from './rules/unknown.js'
import type { Diagnosis } from './schema.js'
import { readScene } from './scene.js'

/** Most specific first. */
const RULES: readonly Rule[] = [signalDeadlock]

/**
 * Explains a stopped process: runs every rule, takes the most specific that matched (a hint never beats what is
 * proven or strong), and lists the others. Pure, never throws; `unknown` when nothing matches.
 */
export function diagnose(process: StoppedProcess, context: DiagnosisContext = {}): Diagnosis {
  const scene = readScene(process, context)
  const found = RULES.flatMap((rule) => rule(scene) ?? [])
  const [won, ...others] = rank(found)
  return assemble(scene, won ?? unknown(scene), others)
}

/** Faults that are proven or strong, then faults that are hinted at, then states (waiting, busy, idle). */
function rank(found: readonly Finding[]): Finding[] {
  const tier = (finding: Finding): number => {
    if (STATES.has(finding.class)) return 2
    return finding.confidence === 'weak' ? 1 : 0
  }
  return found.toSorted((one, other) => tier(one) - tier(other))
}

const STATES: ReadonlySet<Finding['class']> = new Set(['lock-wait', 'busy', 'idle'])
