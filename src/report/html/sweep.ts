import { placeText } from '../../sweep/place.js'
import type { DeadlyMap, Hazard, LockAccess, Sweep } from '../../sweep/schema.js'
import { count, passageName } from '../../sweep/words.js'
import type { Result } from '../../result/schema.js'
import { decisionSentence } from '../sweep-decision.js'
import { layStrip } from '../sweep-strip.js'
import type { Strip } from '../sweep-strip.js'
import { stripTitle, sweepSvg } from '../sweep-svg.js'
import {
  type FactTable,
  hazardIntroduction,
  hazardSentence,
  TRIED_LEGEND,
  triedTable,
  windowTable,
} from '../sweep-tables.js'
import { failureSentence, mapSentences, rangeText, sweepSentences } from '../sweep-words.js'
import { visibleLine } from '../visible.js'
import { deadlyParts } from './deadly.js'
import { html, type Markup } from './markup.js'
import { code, section, sentence } from './text.js'

/** What the page has beyond its own style for this section. */
export const SWEEP_SECTION_CSS = `
.facts th.number, .facts td.number { text-align: right; white-space: nowrap; padding-right: 1.1rem; }
.facts td { overflow-wrap: normal; }
.facts td code { overflow-wrap: normal; }
.facts { margin: 0 0 1rem; }
.strip-box { margin: 1.2rem 0 1.4rem; }
.strip-box figcaption { color: var(--soft); font-size: 0.86rem; margin-top: 0.4rem; }
.hazard { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.access { padding: 0.4rem 0.9rem 0.7rem; }
.access ol { margin: 0.2rem 0 0.6rem; padding-left: 1.6rem; }
`

/** What the sweep did and showed: words, picture, tables; null where there was none. */
export function sweepSection(result: Result): Markup | null {
  const { sweep } = result
  if (sweep === null) return null
  const strip = layStrip(sweep)
  const decision = decisionSentence(result)
  const failures = sweep.failures.map((failure) => failureSentence(failure, sweep.function))
  const body = html`
    <p>${sweepSentences(sweep).map((text) => html`${sentence(text)} `)}</p>
    ${decision === null ? null : html`<p>${sentence(decision)}</p>`} ${sentences(failures)}
    <div class="swept">
      ${strip === null ? null : stripFigure(strip, sweep)}
      ${sweep.map === null ? null : mapPart(sweep.map)} ${deadlyParts(sweep)}
    </div>
    ${triedPart(sweep)} ${sweep.hazards.length === 0 ? null : hazardPart(sweep.hazards)}
    ${strip === null ? null : wayPart(strip, sweep)}
  `
  return section('sweep', 'The sweep', body)
}

/** The picture of a passage with what it means beneath it. */
export function stripFigure(strip: Strip, sweep: Sweep): Markup {
  const name = passageName(sweep.function)
  return html`<figure class="strip-box">
    ${sweepSvg(strip, name)}
    <figcaption>
      ${sentence(stripTitle(strip, name))}. Each row shows ${count(strip.rowSteps)} steps, coloured
      by the file that they are in. The arrow keys go from piece to piece, and up and down from one
      deadly place to the next; a click or Enter opens it beneath.
    </figcaption>
  </figure>`
}

function mapPart(map: DeadlyMap): Markup {
  return html`<h3>Deadly instructions</h3>
    <p>${mapSentences(map).map((text) => html`${sentence(text)} `)}</p>
    ${map.windows.length === 0 ? null : tableMarkup(windowTable(map))}`
}

function triedPart(sweep: Sweep): Markup {
  return html`<h3 class="later">What was tried</h3>
    ${sweep.tried.length === 0 ? null : tableMarkup(triedTable(sweep))}
    ${sweep.tried.length === 0 ? null : html`<p class="rests">${TRIED_LEGEND}</p>`}
    ${sentences([...sweep.missing.map((part) => `Missing: ${part}.`), ...sweep.notes])}`
}

function hazardPart(hazards: readonly Hazard[]): Markup {
  const items = hazards.map(
    (hazard) =>
      html`<details>
        <summary><span class="hazard">${sentence(hazardSentence(hazard))}</span></summary>
        <div class="access">
          ${accessMarkup('In the swept code', hazard.swept)}
          ${accessMarkup('In the handler', hazard.handler)}
        </div>
      </details>`,
  )
  return html`<h3 class="later">Memory that both sides lock</h3>
    <p>${sentence(hazardIntroduction(hazards))}</p>
    ${items}`
}

function accessMarkup(title: string, access: LockAccess): Markup {
  const frames = [access.at, ...access.stack].map(
    (place) => html`<li>${code(placeText(place))}</li>`,
  )
  return html`<h4>${title} (${access.kind})</h4>
    <ol start="0">
      ${frames}
    </ol>`
}

const MAX_WAY_ROWS = 1000

/** The picture as a list, for whoever can't see or point at it. */
function wayPart(strip: Strip, sweep: Sweep): Markup {
  const rows = strip.segments
    .slice(0, MAX_WAY_ROWS)
    .map(({ from, to, file, offset, function: name }) => [
      rangeText(from, to),
      name ?? '',
      strip.files[file]?.path ?? '',
      offset,
    ])
  const more = strip.segments.length - rows.length
  const table: FactTable = {
    columns: [
      { name: 'Steps', kind: 'number' },
      { name: 'Function', kind: 'code' },
      { name: 'File', kind: 'code' },
      { name: 'Offset of the first', kind: 'code' },
    ],
    rows,
  }
  return html`<details>
    <summary>The way of ${passageName(sweep.function)}, step by step</summary>
    <div class="access">
      ${tableMarkup(table)}
      ${more > 0 ? html`<p class="note">${count(more)} more are in result.json.</p>` : null}
    </div>
  </details>`
}

/** Facts in rows as the page shows them. */
export function tableMarkup({ columns, rows }: FactTable): Markup {
  const cell = (text: string, index: number): Markup => {
    const kind = columns[index]?.kind ?? 'text'
    const shown = text === '' ? '–' : kind === 'code' ? code(text) : visibleLine(text)
    return html`<td class="${kind}">${shown}</td>`
  }
  return html`<div class="scroll">
    <table class="facts">
      <thead>
        <tr>
          ${columns.map(({ name, kind }) => html`<th class="${kind}">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((text, index) => cell(text, index))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function sentences(items: readonly string[]): Markup | null {
  if (items.length === 0) return null
  return html`<ul class="said">
    ${items.map((text) => html`<li>${sentence(text)}</li>`)}
  </ul>`
}
