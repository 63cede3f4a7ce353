import type { Lock, Thread } from '../gdb/types.js'
import type { Finding } from './finding.js'
import type { Diagnosis, GraphEdge, GraphNode } from './schema.js'
import { lockOf, ownerOf, type Scene } from './scene.js'
import { isLockWait, type Waiting } from './waiting.js'
import { frameName, lockFields, lockName, threadName } from './words.js'

/**
 * The wait-for graph: threads, the locks they wait for, who holds those, and who was interrupted while taking one.
 * Every edge starts at a thread. Only threads that have an edge, and the finding's own, are drawn: in a process with
 * 2,000 idle threads the picture stays the size of the fault.
 */
export function drawGraph(scene: Scene, finding: Finding): Diagnosis['graph'] {
  const edges = [
    ...scene.waiters.flatMap(({ thread, waiting }) => waitEdge(scene, thread, waiting)),
    ...[...scene.locks.values()].flatMap((lock) => holdEdge(scene, lock)),
    ...finding.culprits.flatMap((party) => interruptedEdge(scene, finding, party.thread)),
  ]
  const drawn = new Set(edges.flatMap(({ from, to }) => [from, to]))
  const parties = new Set([...finding.culprits.map(({ thread }) => thread), ...finding.victims])
  const threads = scene.process.threads.filter(
    (thread) => parties.has(thread) || drawn.has(threadId(scene, thread)),
  )
  return {
    nodes: [
      ...threads.map((thread) => threadNode(scene, finding, thread)),
      ...lockNodes(scene, drawn),
    ],
    edges,
  }
}

/** `t13` by LWP; by position where the dump has no LWPs. */
function threadId(scene: Scene, thread: Thread): string {
  return thread.lwp === null ? `n${scene.process.threads.indexOf(thread)}` : `t${thread.lwp}`
}

function threadNode(scene: Scene, finding: Finding, thread: Thread): GraphNode {
  const role = finding.culprits.some((party) => party.thread === thread)
    ? 'culprit'
    : finding.victims.includes(thread)
      ? 'victim'
      : 'other'
  const name = thread.name === null ? '' : ` ${thread.name}`
  return { id: threadId(scene, thread), kind: 'thread', label: threadName(thread) + name, role }
}

/** A lock's node by its address, or by whose lock it is where the address is unknown; null when neither is known. */
function lockId(waiting: Waiting): string | null {
  if (waiting.address !== null) return `l${waiting.address}`
  return waiting.subsystem === null ? null : `l-${waiting.subsystem.id}`
}

function lockNodes(scene: Scene, drawn: ReadonlySet<string>): GraphNode[] {
  const labels = new Map<string, string>()
  for (const { waiting } of scene.lockWaiters) {
    const id = lockId(waiting)
    if (id !== null && !labels.has(id))
      labels.set(id, `${lockName(waiting, lockOf(scene, waiting))}${at(waiting)}`)
  }
  for (const [address, lock] of scene.locks) {
    const id = `l${address}`
    if (!labels.has(id)) labels.set(id, lock.symbol ?? `${lock.kind} ${address}`)
  }
  return [...labels]
    .filter(([id]) => drawn.has(id))
    .map(([id, label]) => ({ id, kind: 'lock', label, role: 'lock' }))
}

function at(waiting: Waiting): string {
  return waiting.address === null || waiting.subsystem === null ? '' : ` (${waiting.address})`
}

function waitEdge(scene: Scene, thread: Thread, waiting: Waiting): GraphEdge[] {
  const from = threadId(scene, thread)
  if (waiting.kind === 'join') {
    const target = waiting.lwp === null ? undefined : scene.byLwp.get(waiting.lwp)
    if (target === undefined) return []
    return [{ from, to: threadId(scene, target), kind: 'waits', evidence: waiting.evidence }]
  }
  const to = lockId(waiting)
  if (!isLockWait(waiting) || to === null) return []
  const evidence = waiting.frame === null ? waiting.evidence : frameName(waiting.frame)
  return [{ from, to, kind: 'waits', evidence }]
}

function holdEdge(scene: Scene, lock: Lock): GraphEdge[] {
  const owner = ownerOf(scene, lock)
  if (owner === null) return []
  return [
    {
      from: threadId(scene, owner),
      to: `l${lock.address.toLowerCase()}`,
      kind: 'holds',
      evidence: lockFields(lock),
    },
  ]
}

function interruptedEdge(scene: Scene, finding: Finding, thread: Thread): GraphEdge[] {
  const party = finding.culprits.find((each) => each.thread === thread)
  const waiting = scene.byThread.get(thread)
  const to = waiting === undefined ? null : lockId(waiting)
  if (party?.signal === undefined || party.signal === null || to === null) return []
  if (party.window === 'held') return []
  const evidence =
    party.interrupted === null
      ? party.signal.name
      : `${party.signal.name} at ${frameName(party.interrupted)}`
  return [{ from: threadId(scene, thread), to, kind: 'interrupted-while-taking', evidence }]
}
