import type { Frame, Lock, Thread } from '../gdb/types.js'
import type { Finding, Party } from './finding.js'
import { drawGraph } from './graph.js'
import type { Culprit, Diagnosis, FrameRef, LockFacts, Victim } from './schema.js'
import type { Scene } from './scene.js'

/** The finding that won, in the schema's form, with what else matched. */
export function assemble(scene: Scene, won: Finding, others: readonly Finding[]): Diagnosis {
  return {
    class: won.class,
    failure: won.failure,
    confidence: won.confidence,
    headline: won.headline,
    story: won.story.slice(0, 6),
    culprits: won.culprits.map((party) => toCulprit(scene, party)),
    victims: won.victims.map((thread) => toVictim(scene, thread)),
    lock: won.lock === null ? null : toLockFacts(won.lock),
    graph: drawGraph(scene, won),
    advice: won.advice,
    also: others.map((other) => ({
      class: other.class,
      confidence: other.confidence,
      headline: other.headline,
    })),
    raise: won.raise,
    unread: [...scene.process.unread],
  }
}

function toCulprit(scene: Scene, party: Party): Culprit {
  return {
    ...toParty(scene, party.thread),
    signal: party.signal === null ? null : { ...party.signal },
    interrupted: toFrameRef(party.interrupted),
    waiting: toFrameRef(party.waiting),
    window: party.window,
  }
}

function toVictim(scene: Scene, thread: Thread): Victim {
  const frame = scene.byThread.get(thread)?.frame ?? thread.frames[0] ?? null
  return { ...toParty(scene, thread), waiting: toFrameRef(frame) }
}

function toParty(
  scene: Scene,
  thread: Thread,
): { pid: number | null; thread: number | null; lwp: number | null; name: string | null } {
  return {
    pid: thread.observed?.pid ?? scene.process.pid,
    thread: thread.number,
    lwp: thread.lwp,
    name: thread.name,
  }
}

function toFrameRef(frame: Frame | null): FrameRef | null {
  if (frame === null) return null
  const line = frame.line === null ? '' : `:${frame.line}`
  return {
    level: frame.level,
    function: frame.function,
    pc: frame.pc,
    where: frame.file === null ? frame.library : `${frame.file}${line}`,
  }
}

function toLockFacts(lock: Lock): LockFacts {
  const { address, symbol, kind, role, word, owner, count } = lock
  return { address, symbol, kind, role, word, owner, count }
}
