import type { GraphNode } from '../diagnosis/schema.js'
import { layoutGraph, type Point } from './graph-layout.js'
import { type Arrow, arrowsOf, type Graph, graphSentences } from './graph.js'
import { html, type Markup } from './html/markup.js'
import { visibleLine } from './visible.js'

/** Look of a graph; the page has these rules too. Colours come from variables so that a dark page can turn them. */
export const GRAPH_CSS = `
.graph { --paper: #fff; --ink: #1f2328; --soft: #59636e; --line: #8c959f;
  --culprit: #ffebe9; --culprit-line: #cf222e; --victim: #fff8c5; --victim-line: #9a6700;
  --lock: #ddf4ff; --lock-line: #0969da; --other: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  .graph { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #656c76;
    --culprit: #3c1618; --culprit-line: #f85149; --victim: #2e2508; --victim-line: #d29922;
    --lock: #0c2d52; --lock-line: #4493f8; --other: #151b23; } }
.graph text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: var(--ink); }
.graph .edge text { font-size: 11px; fill: var(--soft); }
.graph .edge rect { fill: var(--paper); }
.graph .node rect { fill: var(--other); stroke: var(--line); stroke-width: 1.5px; }
.graph .culprit rect { fill: var(--culprit); stroke: var(--culprit-line); }
.graph .victim rect { fill: var(--victim); stroke: var(--victim-line); }
.graph .lock rect { fill: var(--lock); stroke: var(--lock-line); }
.graph .edge path { fill: none; stroke: var(--line); stroke-width: 1.5px; }
.graph .from-culprit path { stroke: var(--culprit-line); }
.graph .from-victim path { stroke: var(--victim-line); }
.graph .holds path { stroke-dasharray: 5 4; }
.graph marker path { fill: var(--line); stroke: none; }
.graph .tip-culprit path { fill: var(--culprit-line); }
.graph .tip-victim path { fill: var(--victim-line); }
`

const CHARACTER_PX = 7.3
const SMALL_CHARACTER_PX = 6.7
const LINE_PX = 17
const PADDING_PX = 14
/** Labels are broken into lines of about so many characters. */
const LABEL_WIDTH = 26
const MAX_LABEL = 120

/** The wait-for graph as an SVG element for a page that has GRAPH_CSS. */
export function graphSvg(graph: Graph): Markup {
  const labels = graph.nodes.map((node) => labelLines(node.label))
  const arrows = arrowsOf(graph)
  const boxes = graph.nodes.map(({ id }, index) => ({ id, ...boxSize(labels[index] ?? []) }))
  const plan = layoutGraph(boxes, arrows.map(lineSize))
  const [width, height] = [Math.ceil(plan.width), Math.ceil(plan.height)]
  const roles = new Map(graph.nodes.map((node) => [node.id, node.role]))
  const edges = arrows.map((arrow, index) =>
    edgeMarkup(arrow, plan.edges[index], roles.get(arrow.thread)),
  )
  const nodes = graph.nodes.map((node, index) =>
    nodeMarkup(node, labels[index] ?? [], plan.nodes[index]),
  )
  return html`<svg
    class="graph"
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
  >
    <title>${graphSentences(graph).map((sentence) => `${visibleLine(sentence)}. `)}</title>
    <defs>${['culprit', 'victim', 'other'].map((role) => tip(role))}</defs>
    ${edges} ${nodes}
  </svg>`
}

/** The same as the text of a file of its own. */
export function graphSvgFile(graph: Graph): string {
  const style = `<style>${GRAPH_CSS}svg { background: var(--paper); }</style>`
  const svg = graphSvg(graph).markup
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svg.replace('<defs>', `${style}<defs>`)}\n`
}

function boxSize(lines: readonly string[]): { width: number; height: number } {
  const longest = Math.max(...lines.map((line) => line.length))
  return {
    width: longest * CHARACTER_PX + 2 * PADDING_PX,
    height: lines.length * LINE_PX + PADDING_PX,
  }
}

function lineSize(arrow: Arrow): Arrow & { width: number; height: number } {
  const width = arrow.text.length * SMALL_CHARACTER_PX + 12
  return { ...arrow, width, height: LINE_PX }
}

/** A label in lines, broken at blanks, and inside a word only where that alone is too long. */
function labelLines(label: string): string[] {
  const words = visibleLine(label, MAX_LABEL).trim().split(' ')
  const pieces = words.flatMap((word, index) => {
    const parts = word.length <= LABEL_WIDTH ? [word] : (word.match(/.{1,20}[_/:.+-]*/g) ?? [word])
    return index === 0 ? parts : [` ${parts[0] ?? ''}`, ...parts.slice(1)]
  })
  const lines: string[] = ['']
  for (const piece of pieces) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + piece.length > LABEL_WIDTH) lines.push(piece)
    else lines[lines.length - 1] = last + piece
  }
  return lines.map((line) => line.trim())
}

function tip(role: string): Markup {
  return html`<marker
    id="tip-${role}"
    class="tip-${role}"
    viewBox="0 0 10 10"
    refX="9"
    refY="5"
    markerWidth="7"
    markerHeight="7"
    orient="auto-start-reverse"
    ><path d="M 0 0 L 10 5 L 0 10 z"
  /></marker>`
}

function edgeMarkup(
  { kind, text }: Arrow,
  line: (Point & { readonly points: readonly Point[] }) | undefined,
  from: GraphNode['role'] | undefined,
): Markup {
  if (line === undefined) return html``
  const role = from === 'culprit' || from === 'victim' ? from : 'other'
  const width = text.length * SMALL_CHARACTER_PX + 4
  return html`<g class="edge ${kind} from-${role}">
    <path d="${pathThrough(line.points)}" marker-end="url(#tip-${role})" />
    <rect
      x="${round(line.x - width / 2)}"
      y="${round(line.y - 8)}"
      width="${round(width)}"
      height="16"
    />
    <text x="${round(line.x)}" y="${round(line.y + 4)}" text-anchor="middle"> ${text} </text>
  </g>`
}

function nodeMarkup(node: GraphNode, lines: readonly string[], at: Point | undefined): Markup {
  if (at === undefined) return html``
  const { width, height } = boxSize(lines)
  const first = at.y - ((lines.length - 1) * LINE_PX) / 2 + 4
  return html`<g class="node ${node.role}">
    <rect
      x="${round(at.x - width / 2)}"
      y="${round(at.y - height / 2)}"
      width="${round(width)}"
      height="${round(height)}"
      rx="${node.kind === 'lock' ? round(height / 2) : 6}"
    />
    ${lines.map(
      (line, index) =>
        html`<text x="${round(at.x)}" y="${round(first + index * LINE_PX)}" text-anchor="middle">
          ${line}
        </text>`,
    )}
  </g>`
}

/** A smooth path through all points: a Catmull-Rom spline written as Bézier curves. */
function pathThrough(points: readonly Point[]): string {
  const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`
  const steps = points.map((point, index) => {
    const before = points[index - 1]
    if (before === undefined) return `M ${at(point)}`
    const [first, last] = [points[index - 2] ?? before, points[index + 1] ?? point]
    const leave = { x: before.x + (point.x - first.x) / 6, y: before.y + (point.y - first.y) / 6 }
    const reach = { x: point.x - (last.x - before.x) / 6, y: point.y - (last.y - before.y) / 6 }
    return `C ${at(leave)} ${at(reach)} ${at(point)}`
  })
  return steps.join(' ')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
