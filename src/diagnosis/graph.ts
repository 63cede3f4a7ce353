import type { Lock, Thread } from '../gdb/types.js'
import type { Finding, Party } from './finding.js'
import type { Diagnosis, GraphEdge, GraphNode } from './schema.js'
import { joinedBy, lockOf, ownerOf, type Scene, type Waiter } from './scene.js'
import { isLockWait, type Waiting } from './waiting.js'
import { frameName, lockFields, lockName, threadName } from './words.js'

/**
 * The wait-for graph: threads, the locks they wait for, who holds those, and who was interrupted while taking one.
 * Every edge starts at a thread. Only threads that have an edge, and the finding's own, are drawn: in a process with
 * 2,000 idle threads the picture stays the size of the fault.
 */
export function drawGraph(scene: Scene, finding: Finding): Diagnosis['graph'] {
  const ids = threadIds(scene)
  const edges = [
    ...scene.waiters.flatMap((waiter) => waitEdge(scene, ids, waiter)),
    ...[...scene.locks].flatMap(([address, lock]) => holdEdge(scene, ids, address, lock)),
    ...finding.culprits.flatMap((party) => interruptedEdge(scene, ids, party)),
  ]
  const drawn = new Set(edges.flatMap(({ from, to }) => [from, to]))
  const roles = rolesOf(finding)
  const threads = scene.process.threads.filter(
    (thread) => roles.has(thread) || drawn.has(ids.get(thread) ?? ''),
  )
  return {
    nodes: [
      ...threads.map((thread) => threadNode(ids, thread, roles.get(thread) ?? 'other')),
      ...lockNodes(scene, drawn),
    ],
    edges,
  }
}

type Ids = ReadonlyMap<Thread, string>

/** `t13` by LWP; by position where the dump has no LWP, or the same one twice. */
function threadIds(scene: Scene): Ids {
  return new Map(
    scene.process.threads.map((thread, index) => {
      const own = thread.lwp !== null && scene.byLwp.get(thread.lwp) === thread
      return [thread, own ? `t${String(thread.lwp)}` : `n${index}`]
    }),
  )
}

function rolesOf(finding: Finding): ReadonlyMap<Thread, GraphNode['role']> {
  return new Map([
    ...finding.victims.map((thread) => [thread, 'victim'] as const),
    ...finding.culprits.map(({ thread }) => [thread, 'culprit'] as const),
  ])
}

function threadNode(ids: Ids, thread: Thread, role: GraphNode['role']): GraphNode {
  const name = thread.name === null ? '' : ` ${thread.name}`
  return { id: ids.get(thread) ?? '', kind: 'thread', label: threadName(thread) + name, role }
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

function waitEdge(scene: Scene, ids: Ids, { thread, waiting }: Waiter): GraphEdge[] {
  const from = ids.get(thread) ?? ''
  if (waiting.kind === 'join') {
    const target = joinedBy(scene, waiting)
    if (target === null) return []
    return [{ from, to: ids.get(target) ?? '', kind: 'waits', evidence: waiting.evidence }]
  }
  const to = lockId(waiting)
  if (!isLockWait(waiting) || to === null) return []
  const evidence = waiting.frame === null ? waiting.evidence : frameName(waiting.frame)
  return [{ from, to, kind: 'waits', evidence }]
}

function holdEdge(scene: Scene, ids: Ids, address: string, lock: Lock): GraphEdge[] {
  const owner = ownerOf(scene, lock)
  if (owner === null) return []
  return [
    { from: ids.get(owner) ?? '', to: `l${address}`, kind: 'holds', evidence: lockFields(lock) },
  ]
}

function interruptedEdge(scene: Scene, ids: Ids, party: Party): GraphEdge[] {
  const { thread, signal, interrupted, window } = party
  const waiting = scene.byThread.get(thread)
  const to = waiting === undefined || !isLockWait(waiting) ? null : lockId(waiting)
  if (signal === null || to === null || window === 'held') return []
  const evidence =
    interrupted === null ? signal.name : `${signal.name} at ${frameName(interrupted)}`
  return [{ from: ids.get(thread) ?? '', to, kind: 'interrupted-while-taking', evidence }]
}
