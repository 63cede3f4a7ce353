import * as dagre from '@dagrejs/dagre'

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface LayoutEdge extends Size {
  readonly from: string
  readonly to: string
}

/** Where everything lies: centres of nodes and of edge labels, and the bends of each edge, in the order given. */
export interface Layout extends Size {
  readonly nodes: readonly Point[]
  readonly edges: readonly (Point & { readonly points: readonly Point[] })[]
}

/** What we use of the library; its own declarations don't resolve under Node's module rules. */
interface Plan {
  setGraph(options: Record<string, unknown>): void
  setNode(id: string, size: Size): void
  setEdge(from: string, to: string, size: Size & { labelpos: 'c' }, name: string): void
  graph(): Size
  node(id: string): Point
  edge(from: string, to: string, name: string): Point & { points: Point[] }
}

const { Graph, layout } = dagre as unknown as {
  Graph: new (options: { multigraph: boolean }) => Plan
  layout: (plan: Plan) => void
}

/** Lays a directed graph out from left to right; several edges between the same two nodes are kept apart. */
export function layoutGraph(
  nodes: readonly (Size & { readonly id: string })[],
  edges: readonly LayoutEdge[],
): Layout {
  const plan = new Graph({ multigraph: true })
  plan.setGraph({ rankdir: 'LR', nodesep: 28, ranksep: 46, marginx: 12, marginy: 12 })
  for (const { id, width, height } of nodes) plan.setNode(id, { width, height })
  for (const [index, { from, to, width, height }] of edges.entries()) {
    plan.setEdge(from, to, { width, height, labelpos: 'c' }, String(index))
  }
  layout(plan)
  return {
    width: plan.graph().width,
    height: plan.graph().height,
    nodes: nodes.map(({ id }) => plan.node(id)),
    edges: edges.map(({ from, to }, index) => plan.edge(from, to, String(index))),
  }
}
