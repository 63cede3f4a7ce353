import { basename } from 'node:path'
import { placeText } from '../sweep/place.js'
import { count, countOf, listed } from '../sweep/words.js'
import { html, type Markup } from './html/markup.js'
import type { Mark, Segment, Strip, StripFile } from './sweep-strip.js'
import { rangeOfPlaces, rangeText, stepsText } from './sweep-words.js'
import { visibleLine } from './visible.js'

/**
 * Look of the strip; the page has these rules too. What a piece is appears without a script when one points at it, taps
 * it or moves the focus to it.
 */
export const SWEEP_CSS = `
.throw { --paper: #fff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --deadly: #cf222e;
  --f0: #4b8bd4; --f1: #e0a72e; --f2: #3aa596; --f3: #9a78c8; --f4: #87a83c; --f5: #a67c5b; --f6: #c58ab4; --f7: #8b959e; }
@media (prefers-color-scheme: dark) { .throw { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #30363d; --deadly: #ff6a62;
  --f0: #3f76b5; --f1: #b98a24; --f2: #2f8a7d; --f3: #8262ad; --f4: #6f8b31; --f5: #8a684c; --f6: #a57297; --f7: #6b747d; } }
.throw text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: var(--ink); }
.throw .soft { fill: var(--soft); font-size: 11px; }
.throw .paper { fill: var(--paper); }
.throw .at rect { shape-rendering: crispEdges; }
.throw .tick { stroke: var(--line); }
${Array.from({ length: 8 }, (_, index) => `.throw .f${index} { fill: var(--f${index}); }`).join('\n')}
.throw .at { cursor: pointer; outline: none; }
.throw .at:hover rect, .throw .at:focus rect { stroke: var(--ink); stroke-width: 2px; }
.throw .mark rect { fill: var(--deadly); stroke: var(--deadly); stroke-width: 1.5px; }
.throw .mark path { fill: var(--deadly); stroke: var(--paper); stroke-width: 1px; }
.throw .mark .name { fill: var(--deadly); font-weight: 600; }
.throw .tip { display: none; pointer-events: none; }
.throw .at:hover .tip, .throw .at:focus .tip { display: inline; }
.throw:has(.at:hover) .at:focus:not(:hover) .tip { display: none; }
.throw:has(.at:hover) .hint, .throw:has(.at:focus) .hint { display: none; }
@media (max-width: 620px) { .throw .minor { display: none; } }
`

const FILE_WIDTH_PX = 1000
/** Margin of a file of its own */
const FRAME_PX = 14
const TIP_PX = 46
const ABOVE_PX = 6
/** Room over a row for its marks */
const MARKED_PX = 28
const BAR_PX = 22
const BELOW_PX = 20
const LEGEND_GAP_PX = 12
const LEGEND_LINE_PX = 21
const COLOURS = 8
/** So much of a row the numbers over a mark take on a telephone */
const NUMBER_SHARE = 0.36
/** Characters of a line that a telephone still shows whole */
const TIP_WIDTH = 48
const HINT = 'Point at a piece, or tap it, to see what it is.'

/** The strip as an SVG element for a page that has SWEEP_CSS. It is as wide as its place; only its height is fixed. */
export function sweepSvg(strip: Strip, name: string): Markup {
  const rows = layRows(strip)
  const legend = (rows.at(-1)?.end ?? TIP_PX) + LEGEND_GAP_PX
  const named = marksWithRoom(strip)
  const said = strip.marks.map((mark) => ` ${markText(mark)}.`)
  return html`<svg
    class="throw"
    xmlns="http://www.w3.org/2000/svg"
    width="100%"
    height="${pictureHeight(strip)}"
    role="group"
    aria-label="${visibleLine(stripTitle(strip, name))}"
  >
    <desc>${said}</desc>
    <text class="soft hint" x="0" y="13">${HINT}</text>
    ${rows.map((row) => ticks(row, strip))}
    ${strip.segments.map((segment) => segmentMarkup(segment, strip, rows))}
    ${strip.marks.map((mark) => markMarkup(mark, named.has(mark), rows))}
    ${strip.files.map((file, index) => legendMarkup(file, index, strip, legend))}
  </svg>`
}

/** The same as the text of a file of its own, which scales as a whole. */
export function sweepSvgFile(strip: Strip, name: string): string {
  const [width, height] = [FILE_WIDTH_PX + 2 * FRAME_PX, pictureHeight(strip) + 2 * FRAME_PX]
  const inner = sweepSvg(strip, name).markup.replace(
    'width="100%"',
    `x="${FRAME_PX}" y="${FRAME_PX}" width="${FILE_WIDTH_PX}"`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>${SWEEP_CSS}</style>
<g class="throw"><rect class="paper" width="100%" height="100%" /></g>
${inner}
</svg>
`
}

/** @example 'A warm throw in 10,713 steps through 6 files, 1 deadly place on it' */
export function stripTitle(strip: Strip, name: string): string {
  const { temperature, steps, files, marks, elsewhere } = strip
  const passage = temperature === null ? name : name.replace(/^an? /, `a ${temperature} `)
  const marked = marks.length === 0 ? 'no deadly place' : countOf(marks.length, 'deadly place')
  const others = elsewhere === 0 ? '' : `, ${count(elsewhere)} on another way`
  return `${capital(passage)} in ${countOf(steps, 'step')} through ${countOf(files.length, 'file')}, ${marked} on it${others}`
}

interface Row {
  readonly from: number
  readonly steps: number
  /** Pixels from the top: of the bar, and of what comes after the row */
  readonly bar: number
  readonly end: number
}

function pictureHeight(strip: Strip): number {
  const bottom = layRows(strip).at(-1)?.end ?? TIP_PX
  return bottom + LEGEND_GAP_PX + strip.files.length * LEGEND_LINE_PX
}

function layRows({ steps, rowSteps, marks }: Strip): Row[] {
  const rows: Row[] = []
  for (let from = 0; from < steps; from += rowSteps) {
    const marked = marks.some((mark) => mark.to >= from && mark.from < from + rowSteps)
    const bar = (rows.at(-1)?.end ?? TIP_PX) + (marked ? MARKED_PX : ABOVE_PX)
    rows.push({ from, steps: rowSteps, bar, end: bar + BAR_PX + BELOW_PX })
  }
  return rows
}

/** Five numbers under a row, of which a narrow picture shows two. */
function ticks({ from, steps, bar }: Row, strip: Strip): Markup[] {
  return [0, 1, 2, 3, 4]
    .map((fifth) => ({ step: from + (fifth * steps) / 5, minor: fifth !== 0 && fifth !== 3 }))
    .filter(({ step }) => step < strip.steps)
    .map(({ step, minor }) => {
      const x = percent((step - from) / steps)
      const rank = minor ? 'minor' : 'major'
      const [top, bottom] = [bar + BAR_PX, bar + BAR_PX + 5]
      return html`<g class="${rank}"
        ><line class="tick" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}" /><text
          class="soft"
          x="${x}"
          dx="3"
          y="${top + 12}"
          >${count(step)}</text
        ></g
      >`
    })
}

function segmentMarkup(segment: Segment, strip: Strip, rows: readonly Row[]): Markup {
  const file = basename(strip.files[segment.file]?.path ?? '')
  const name = segment.function ?? 'no symbol'
  const others = segment.others === 0 ? '' : ` and ${count(segment.others)} more`
  const lines = [
    `${stepsText(segment.from, segment.to)}: ${name}${others}`,
    `${file} from ${segment.offset}`,
  ] as const
  const colour = `f${Math.min(segment.file, COLOURS - 1)}`
  return html`<g class="at" tabindex="-1" role="img" data-from="${segment.from}"
    ><title>${visibleLine(lines.join(', '))}</title>${bars(segment, rows, colour)}${tip(lines)}</g
  >`
}

/** The marks whose numbers have room over them, on a telephone too: others say theirs when one points at them. */
function marksWithRoom({ marks, rowSteps }: Strip): Set<Mark> {
  const named = new Set<Mark>()
  let last: Mark | undefined
  for (const mark of marks) {
    const sameRow = last !== undefined && sameRowOf(last, mark, rowSteps)
    if (last !== undefined && sameRow && mark.from - last.from < rowSteps * NUMBER_SHARE) continue
    named.add(mark)
    last = mark
  }
  return named
}

function sameRowOf(one: Mark, other: Mark, rowSteps: number): boolean {
  return Math.floor(one.from / rowSteps) === Math.floor(other.from / rowSteps)
}

function markMarkup(mark: Mark, named: boolean, rows: readonly Row[]): Markup {
  const row = rows.find(({ from, steps }) => mark.from < from + steps)
  if (row === undefined) return html``
  const share = (mark.from - row.from) / row.steps
  const anchor = share < 0.12 ? 'start' : share > 0.88 ? 'end' : 'middle'
  const lines = [
    markText(mark),
    mark.waiting === null ? '' : `The thread is then at ${placeText(mark.waiting)}`,
  ] as const
  return html`<g class="at mark" tabindex="0" role="img" data-from="${mark.from}"
    ><title>${visibleLine(lines.filter((line) => line !== '').join('. '))}</title
    >${bars(mark, rows, 'deadly')}<svg x="${percent(share)}" y="${row.bar - 10}" overflow="visible">
      <path d="M -6 0 L 6 0 L 0 9 z" /></svg
    >${
      named
        ? html`<text class="name" x="${percent(share)}" y="${row.bar - 13}" text-anchor="${anchor}"
            >${rangeText(mark.from, mark.to)}</text
          >`
        : null
    }${tip(lines)}</g
  >`
}

/** What lies on several rows is drawn on each of them. */
function bars(
  { from, to }: Pick<Segment, 'from' | 'to'>,
  rows: readonly Row[],
  colour: string,
): Markup[] {
  return rows
    .filter((row) => to >= row.from && from < row.from + row.steps)
    .map((row) => {
      const first = Math.max(from, row.from) - row.from
      const past = Math.min(to + 1, row.from + row.steps) - row.from
      const width = percent((past - first) / row.steps)
      return html`<rect
        class="${colour}"
        x="${percent(first / row.steps)}"
        y="${row.bar}"
        width="${width}"
        height="${BAR_PX}"
      />`
    })
}

function tip(lines: readonly [string, string]): Markup {
  return html`<g class="tip" aria-hidden="true"
    >${lines.map((line, index) => html`<text x="0" y="${13 + index * 17}">${visibleLine(line, TIP_WIDTH)}</text>`)}</g
  >`
}

function legendMarkup(file: StripFile, index: number, strip: Strip, top: number): Markup {
  const y = top + index * LEGEND_LINE_PX
  const share = ((file.steps / strip.steps) * 100).toFixed(1)
  const name = file.path === '' ? 'outside of all files' : basename(file.path)
  return html`<g
    ><title>${visibleLine(file.path)}</title
    ><rect
      class="f${Math.min(index, COLOURS - 1)}"
      x="0"
      y="${y}"
      width="13"
      height="13"
      rx="2"
    /><text x="20" y="${y + 11}">${visibleLine(name, 32)}</text
    ><text class="soft" x="100%" y="${y + 11}" text-anchor="end"
      >${countOf(file.steps, 'step')}, ${share} %</text
    ></g
  >`
}

function markText(mark: Mark): string {
  const { kinds, signals, first, last } = mark
  const where = first === null ? '' : `, ${rangeOfPlaces(first, last ?? first)}`
  return `${stepsText(mark.from, mark.to)}: ${listed(kinds)} by ${listed(signals)}${where}`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function percent(share: number): string {
  return `${Math.round(share * 100_000) / 1000}%`
}
