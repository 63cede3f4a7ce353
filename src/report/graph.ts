import type { Diagnosis, GraphEdge, GraphNode } from '../diagnosis/schema.js'
import { groupBy } from './group-by.js'
import { visibleLine } from './visible.js'

export type Graph = Diagnosis['graph']

/** How many threads that only wait are drawn one by one; the others share a node. */
const MAX_WAITING = 6
/** Beyond this a picture helps nobody (Mermaid itself stops at 500 edges). */
const MAX_EDGES = 60

/**
 * A graph that can be drawn: of the threads that only wait, the first few stay and the others become one node for
 * each lock. Null when nothing is to be drawn, or too much.
 */
export function drawableGraph(graph: Graph): Graph | null {
  if (graph.edges.length === 0) return null
  const folded = foldWaiting(graph)
  return folded.edges.length > MAX_EDGES ? null : folded
}

function foldWaiting({ nodes, edges }: Graph): Graph {
  const known = new Set(nodes.map((node) => node.id))
  const sound = edges.filter((edge) => known.has(edge.from) && known.has(edge.to))
  const beyond = new Set(threadsThatOnlyWait(nodes, sound).slice(MAX_WAITING))
  const extra = sound.filter((edge) => beyond.has(edge.from))
  const groups = [...groupBy(extra, (edge) => edge.to)].filter(([, waits]) => waits.length > 1)
  const gone = new Set(groups.flatMap(([, waits]) => waits.map((edge) => edge.from)))
  return {
    nodes: [
      ...nodes.filter((node) => !gone.has(node.id)),
      ...groups.map(([lock, waits]) => groupNode(lock, waits)),
    ],
    edges: [
      ...sound.filter((edge) => !gone.has(edge.from)),
      ...groups.map(([lock, waits]) => groupEdge(lock, waits)),
    ],
  }
}

/** Ids of threads whose only edge is the one to the lock they wait for. */
function threadsThatOnlyWait(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): string[] {
  const from = groupBy(edges, (edge) => edge.from)
  const to = new Set(edges.map((edge) => edge.to))
  return nodes
    .filter((node) => {
      const waits = from.get(node.id) ?? []
      const alone = waits.length === 1 && waits[0]?.kind === 'waits' && !to.has(node.id)
      return node.kind === 'thread' && node.role !== 'culprit' && alone
    })
    .map((node) => node.id)
}

/** Begins the id of a node that stands for several threads. */
const GROUP = 'more:'

function groupNode(lock: string, waits: readonly GraphEdge[]): GraphNode {
  const count = waits.length.toLocaleString('en-US')
  return { id: GROUP + lock, kind: 'thread', role: 'victim', label: `${count} more threads` }
}

function groupEdge(lock: string, waits: readonly GraphEdge[]): GraphEdge {
  return { from: GROUP + lock, to: lock, kind: 'waits', evidence: waits[0]?.evidence ?? '' }
}

const EDGE_TEXTS: Readonly<Record<GraphEdge['kind'], string>> = {
  waits: 'waits for',
  holds: 'holds',
  // taking it or giving it back: the evidence tells which
  'interrupted-while-taking': 'was interrupted while changing',
}

/** An arrow of a picture. */
export interface Arrow {
  readonly from: string
  readonly to: string
  readonly text: string
  readonly kind: GraphEdge['kind']
  /** The thread that waits or holds, whose colour it has */
  readonly thread: string
}

/**
 * The edges as pictures have them, as resource-allocation graphs are drawn: from a thread to what it waits for, and from a
 * lock to its holder, so that a deadlock shows as a ring.
 */
export function arrowsOf(graph: Graph): Arrow[] {
  return graph.edges.map(({ from, to, kind }) =>
    kind === 'holds'
      ? { from: to, to: from, text: 'is held by', kind, thread: from }
      : { from, to, text: EDGE_TEXTS[kind], kind, thread: from },
  )
}

/** The graph's edges as sentences, the same facts for those who can't see a picture. */
export function graphSentences(graph: Graph): string[] {
  const labels = new Map(graph.nodes.map((node) => [node.id, node.label]))
  return graph.edges.map((edge) => {
    const [from, to] = [labels.get(edge.from) ?? edge.from, labels.get(edge.to) ?? edge.to]
    return `${from} ${edge.from.startsWith(GROUP) ? 'wait for' : EDGE_TEXTS[edge.kind]} ${to} (${edge.evidence})`
  })
}

const MERMAID_CLASSES = [
  'classDef culprit fill:#ffd7d5,stroke:#cf222e,stroke-width:2px,color:#1f2328',
  'classDef victim fill:#fff8c5,stroke:#9a6700,color:#1f2328',
  'classDef lock fill:#ddf4ff,stroke:#0969da,color:#1f2328',
  'classDef other fill:#f6f8fa,stroke:#59636e,color:#1f2328',
]

/**
 * The graph in Mermaid's language, for GitHub. Ids are ours, and every character of a label that could mean something
 * to Mermaid or HTML is written as a numbered entity, which Mermaid turns back (mermaid.js.org, flowchart: entity codes).
 */
export function mermaidText(graph: Graph): string {
  const ids = new Map(graph.nodes.map((node, index) => [node.id, `n${index}`]))
  const nodes = graph.nodes.map((node, index) => {
    const label = mermaidLabel(node.label)
    const shape = node.kind === 'lock' ? `(["${label}"])` : `["${label}"]`
    return `  n${index}${shape}:::${node.role}`
  })
  const edges = arrowsOf(graph).flatMap((arrow) => {
    const [from, to] = [ids.get(arrow.from), ids.get(arrow.to)]
    if (from === undefined || to === undefined) return []
    return [`  ${from} ${arrow.kind === 'holds' ? '-.->' : '-->'}|"${arrow.text}"| ${to}`]
  })
  const classes = MERMAID_CLASSES.map((line) => `  ${line}`)
  return ['flowchart LR', ...nodes, ...edges, ...classes].join('\n')
}

function mermaidLabel(label: string): string {
  return visibleLine(label, 120).replace(
    /[^\w ,.+()/-]/gu,
    (character) => `#${character.codePointAt(0) ?? 0};`,
  )
}
