import type { StoppedProcess, Thread } from '../gdb/types.js'
import { assemble } from './assemble.js'
import type { DiagnosisContext } from './context.js'
import type { Finding, Rule } from './finding.js'
import { busy } from './rules/busy.js'
import { crash } from './rules/crash.js'
import { forkInherited } from './rules/fork-inherited.js'
import { idle } from './rules/idle.js'
import { loaderLock } from './rules/loader-lock.js'
import { lockCycle } from './rules/lock-cycle.js'
import { lockWait } from './rules/lock-wait.js'
import { nobodyLeft } from './rules/nobody-left.js'
import { orphanedLock } from './rules/orphaned-lock.js'
import { selfDeadlock } from './rules/self-deadlock.js'
import { signalCrash } from './rules/signal-crash.js'
import { signalDeadlock } from './rules/signal-deadlock.js'
import { signalHint } from './rules/signal-hint.js'
import { signalLivelock } from './rules/signal-livelock.js'
import { signalTerminate } from './rules/signal-terminate.js'
import { unknown } from './rules/unknown.js'
import type { Diagnosis } from './schema.js'
import { readScene } from './scene.js'

/** Most specific first. */
const RULES: readonly Rule[] = [
  signalDeadlock,
  signalLivelock,
  signalTerminate,
  signalCrash,
  crash,
  forkInherited,
  orphanedLock,
  selfDeadlock,
  loaderLock,
  lockCycle,
  nobodyLeft,
  signalHint,
  lockWait,
  busy,
  idle,
]

/**
 * Explains a stopped process: runs every rule, takes the most specific that matched (a hint never beats what is
 * proven or strong), and lists the others. Pure, never throws; `unknown` when nothing matches.
 */
export function diagnose(process: StoppedProcess, context: DiagnosisContext = {}): Diagnosis {
  const scene = readScene(process, context)
  const found = RULES.flatMap((rule) => rule(scene) ?? [])
  const [won = unknown(scene), ...others] = rank(found)
  return assemble(
    scene,
    won,
    others.filter((other) => addsTo(won, other)),
  )
}

/** What is not proven, names no thread that the winner does not name, and is no other kind of fault, adds nothing. */
function addsTo(won: Finding, other: Finding): boolean {
  if (other.confidence === 'proven') return true
  if (other.class === 'idle') return false
  const named = partiesOf(other)
  if (named.length === 0) return other.confidence === 'strong'
  const told = new Set(partiesOf(won))
  const isNew =
    !STATES.has(other.class) && other.class !== won.class && other.failure !== 'deadlock'
  return isNew || !named.every((thread) => told.has(thread))
}

function partiesOf(finding: Finding): Thread[] {
  return [...finding.culprits.map(({ thread }) => thread), ...finding.victims]
}

/** Faults that are proven or strong, then faults that are hinted at, then states (waiting, busy, idle). */
function rank(found: readonly Finding[]): Finding[] {
  const tier = (finding: Finding): number => {
    if (STATES.has(finding.class) && finding.failure !== 'deadlock') return 2
    return finding.confidence === 'weak' ? 1 : 0
  }
  return found.toSorted((one, other) => tier(one) - tier(other))
}

const STATES: ReadonlySet<Finding['class']> = new Set(['lock-wait', 'busy', 'idle'])
