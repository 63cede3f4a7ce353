import { parseFragment } from 'parse5'
import { describe, expect, it } from 'vitest'
import {
  arrowsOf,
  drawableGraph,
  type Graph,
  graphSentences,
  mermaidText,
} from '../../src/report/graph.js'
import { graphSvgFile } from '../../src/report/graph-svg.js'
import { HOSTILE } from '../helpers/hostile.js'
import { makeDiagnosis } from '../helpers/result.js'

/** The usual graph with more victims. */
function crowd(count: number): Graph {
  const { nodes, edges } = makeDiagnosis().graph
  const ids = Array.from({ length: count }, (_unused, index) => `v${index}`)
  return {
    nodes: [
      ...nodes,
      ...ids.map((id) => ({ id, kind: 'thread' as const, role: 'victim' as const, label: id })),
    ],
    edges: [
      ...edges,
      ...ids.map((from) => ({ from, to: 'l1', kind: 'waits' as const, evidence: '#0' })),
    ],
  }
}

describe('drawableGraph', () => {
  it('is nothing without edges, and the same when it is small', () => {
    expect(drawableGraph({ nodes: makeDiagnosis().graph.nodes, edges: [] })).toBeNull()
    expect(drawableGraph(makeDiagnosis().graph)).toEqual(makeDiagnosis().graph)
  })

  it('makes one node of the threads that only wait, beyond the first few', () => {
    const graph = drawableGraph(crowd(1999))
    expect(graph?.nodes.map((node) => node.label)).toEqual([
      'thread 5 (LWP 12)',
      'thread 4 (LWP 11)',
      '_dl_load_write_lock (_rtld_global+2352)',
      'v0',
      'v1',
      'v2',
      'v3',
      'v4',
      '1,994 more threads',
    ])
    expect(graph && graphSentences(graph).at(-1)).toBe(
      '1,994 more threads wait for _dl_load_write_lock (_rtld_global+2352) (#0)',
    )
  })

  it('never folds a thread that holds something or is waited for', () => {
    const base = crowd(20)
    const graph = drawableGraph({
      ...base,
      edges: [...base.edges, { from: 'v19', to: 'l1', kind: 'holds', evidence: 'owner' }],
    })
    expect(graph?.nodes.map((node) => node.id)).toContain('v19')
  })

  it('folds no thread that is the only one beyond the first few at its lock', () => {
    const graph = drawableGraph(crowd(6))
    expect(graph?.nodes.map((node) => node.id)).toEqual(crowd(6).nodes.map((node) => node.id))
  })

  it('leaves out edges to nowhere, and graphs that nobody could read', () => {
    const { nodes, edges } = makeDiagnosis().graph
    const lost = { from: 't12', to: 'nowhere', kind: 'waits' as const, evidence: '' }
    expect(drawableGraph({ nodes, edges: [...edges, lost] })?.edges).toEqual(edges)
    const web = crowd(100)
    const back = web.edges.map((edge) => ({ ...edge, kind: 'holds' as const }))
    expect(drawableGraph({ ...web, edges: [...web.edges, ...back] })).toBeNull()
  })
})

describe('arrowsOf', () => {
  it('makes a ring of two threads that each hold what the other waits for', () => {
    const arrows = arrowsOf({
      nodes: [],
      edges: [
        { from: 't1', to: 'a', kind: 'waits', evidence: '' },
        { from: 't2', to: 'a', kind: 'holds', evidence: '' },
        { from: 't2', to: 'b', kind: 'waits', evidence: '' },
        { from: 't1', to: 'b', kind: 'holds', evidence: '' },
      ],
    })
    expect(arrows.map(({ from, text, to }) => `${from} ${text} ${to}`)).toEqual([
      't1 waits for a',
      'a is held by t2',
      't2 waits for b',
      'b is held by t1',
    ])
  })
})

describe('mermaidText', () => {
  it('draws threads, locks and edges', () => {
    const text = mermaidText(makeDiagnosis().graph)
    expect(text).toContain('n0["thread 5 (LWP 12)"]:::culprit')
    expect(text).toContain('n2(["_dl_load_write_lock (_rtld_global+2352)"]):::lock')
    expect(text).toContain('n0 -->|"was interrupted while changing"| n2')
  })

  it.each(HOSTILE.map((label) => [label.slice(0, 40), label]))(
    'lets no label break out: %j',
    (_name, label) => {
      const { nodes, edges } = makeDiagnosis().graph
      const text = mermaidText({ nodes: nodes.map((node) => ({ ...node, label })), edges })
      const benign = mermaidText({ nodes: nodes.map((node) => ({ ...node, label: 'x' })), edges })
      expect(text.split('\n')).toHaveLength(benign.split('\n').length)
      for (const line of text.split('\n').slice(1, 4)) {
        expect(line).toMatch(/^ {2}n\d(\(\[|\[)"[\w ,.+()/#;-]*"(\]\)|\]):::\w+$/)
      }
    },
  )
})

describe('graphSvgFile', () => {
  it('is an SVG with a title that says it in words, and lines that stay on paper', () => {
    const svg = graphSvgFile(makeDiagnosis().graph)
    expect(svg).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<svg/)
    expect(svg).toContain('thread 5 (LWP 12) was interrupted while changing')
    expect(svg.match(/class="node /g)).toHaveLength(3)
    expect(svg.match(/class="edge /g)).toHaveLength(3)
    const width = Number(/width="(\d+)"/.exec(svg)?.[1])
    const rights = [...svg.matchAll(/<rect\s+x="([\d.]+)"[^>]*?width="([\d.]+)"/g)].map(
      (match) => Number(match[1]) + Number(match[2]),
    )
    expect(rights.length).toBeGreaterThan(3)
    for (const right of rights) expect(right).toBeLessThanOrEqual(width)
    expect(svg).not.toContain('NaN')
  })

  it('draws a thread that waits for itself, and cycles', () => {
    const nodes = makeDiagnosis().graph.nodes.slice(0, 2)
    const svg = graphSvgFile({
      nodes,
      edges: [
        { from: 't12', to: 't12', kind: 'waits', evidence: 'join' },
        { from: 't12', to: 't11', kind: 'waits', evidence: 'join' },
        { from: 't11', to: 't12', kind: 'waits', evidence: 'join' },
      ],
    })
    expect(svg.match(/class="edge /g)).toHaveLength(3)
    expect(svg).not.toContain('NaN')
  })

  it.each(HOSTILE.map((label) => [label.slice(0, 40), label]))('escapes %j', (_name, label) => {
    const { nodes, edges } = makeDiagnosis().graph
    const evidence = edges.map((edge) => ({ ...edge, evidence: label }))
    const file = graphSvgFile({ nodes: nodes.map((node) => ({ ...node, label })), edges: evidence })
    const names = [...JSON.stringify(tree(file)).matchAll(/"(\w+)"/g)].map((match) => match[1])
    expect(new Set(names)).toEqual(
      new Set(['svg', 'title', 'style', 'defs', 'marker', 'path', 'g', 'rect', 'text']),
    )
  })
})

/** Names of all elements, nested. */
function tree(markup: string): unknown {
  const names = (node: object): unknown[] =>
    'childNodes' in node && Array.isArray(node.childNodes)
      ? node.childNodes.flatMap((child: { tagName?: string }) =>
          child.tagName === undefined ? [] : [child.tagName, ...names(child)],
        )
      : []
  return names(parseFragment(markup.replace(/^<\?xml.*\?>/, '')))
}
