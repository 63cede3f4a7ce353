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
  const extra = new Set(threadsThatOnlyWait(nodes, sound).slice(MAX_WAITING))
  if (extra.size < 2) return { nodes, edges: sound }
  const groups = [
    ...groupBy(
      sound.filter((edge) => extra.has(edge.from)),
      (edge) => edge.to,
    ),
  ]
  return {
    nodes: [
      ...nodes.filter((node) => !extra.has(node.id)),
      ...groups.map(([lock, waits]) => groupNode(lock, waits)),
    ],
    edges: [
      ...sound.filter((edge) => !extra.has(edge.from)),
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
  const label = waits.length === 1 ? '1 more thread' : `${count} more threads`
  return { id: GROUP + lock, kind: 'thread', role: 'victim', label }
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

/** An edge's kind in words. */
export function edgeText(kind: GraphEdge['kind']): string {
  return EDGE_TEXTS[kind]
}

/** The graph's edges as sentences, the same facts for those who can't see a picture. */
export function graphSentences(graph: Graph): string[] {
  const labels = new Map(graph.nodes.map((node) => [node.id, node.label]))
  return graph.edges.map((edge) => {
    const [from, to] = [labels.get(edge.from) ?? edge.from, labels.get(edge.to) ?? edge.to]
    const several = edge.from.startsWith(GROUP) && from.endsWith('threads')
    return `${from} ${several ? 'wait for' : edgeText(edge.kind)} ${to} (${edge.evidence})`
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
  const edges = graph.edges.flatMap((edge) => {
    const [from, to] = [ids.get(edge.from), ids.get(edge.to)]
    if (from === undefined || to === undefined) return []
    return [`  ${from} ${arrow(edge.kind)}|"${edgeText(edge.kind)}"| ${to}`]
  })
  const classes = MERMAID_CLASSES.map((line) => `  ${line}`)
  return ['flowchart LR', ...nodes, ...edges, ...classes].join('\n')
}

function arrow(kind: GraphEdge['kind']): string {
  return kind === 'holds' ? '-.->' : '-->'
}

function mermaidLabel(label: string): string {
  return visibleLine(label, 120).replace(
    /[^\w ,.+()/-]/gu,
    (character) => `#${character.codePointAt(0) ?? 0};`,
  )
}
