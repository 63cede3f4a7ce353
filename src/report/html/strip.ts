import { html, type Markup } from './markup.js'

/** A coloured stretch of a strip; places are shares of its width, 0 to 1. */
export interface Segment {
  readonly from: number
  readonly to: number
  /** Class name of its look */
  readonly kind: string
  /** Height in pixels of STRIP_HEIGHT_PX */
  readonly height: number
}

/** A line across a strip. */
export interface Mark {
  readonly at: number
  readonly kind: string
}

export const STRIP_HEIGHT_PX = 16
/** A thinner segment would not be seen. */
const WIDTH_MIN = 0.002

/** Look of strips: kinds are coloured by the sections that use them. */
export const STRIP_CSS = `
.strip { display: block; width: 100%; height: ${STRIP_HEIGHT_PX}px; overflow: visible; }
.axis { display: block; width: 100%; height: 20px; overflow: visible; }
.axis text { font-size: 11px; fill: var(--soft); font-variant-numeric: tabular-nums; }
.axis line, .axis path { stroke: var(--line); }
`

/** One strip as wide as its place: widths are percentages, so that nothing is distorted on a phone. */
export function strip(
  title: string,
  segments: readonly Segment[],
  marks: readonly Mark[] = [],
): Markup {
  const rects = segments.map(
    ({ from, to, kind, height }) =>
      html`<rect
        class="${kind}"
        x="${percent(from)}"
        y="${(STRIP_HEIGHT_PX - height) / 2}"
        width="${percent(Math.max(WIDTH_MIN, to - from))}"
        height="${height}"
      />`,
  )
  const lines = marks.map(
    ({ at, kind }) =>
      html`<line class="${kind}" x1="${percent(at)}" x2="${percent(at)}" y1="-3" y2="19" />`,
  )
  return html`<svg class="strip" role="img" height="${STRIP_HEIGHT_PX}">
    <title>${title}</title>
    ${rects}${lines}
  </svg>`
}

/** The scale beneath strips. */
export function axis(ticks: readonly { readonly at: number; readonly text: string }[]): Markup {
  const marks = ticks.map(({ at, text }) => {
    const anchor = at < 0.04 ? 'start' : at > 0.96 ? 'end' : 'middle'
    return html`<line x1="${percent(at)}" x2="${percent(at)}" y1="0" y2="4" /><text
        x="${percent(at)}"
        y="16"
        text-anchor="${anchor}"
        >${text}</text
      >`
  })
  return html`<svg class="axis" aria-hidden="true" height="20">
    <line x1="0" x2="100%" y1="0" y2="0" />
    ${marks}
  </svg>`
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`
}
