import type { Comparison, Result } from '../../result/schema.js'
import { placeText } from '../../sweep/place.js'
import type { DeadlyWindow, Sweep } from '../../sweep/schema.js'
import { comparisonTable } from '../comparison-table.js'
import { layStrip } from '../sweep-strip.js'
import { rangeOfPlaces, stepsText } from '../sweep-words.js'
import { visibleLine } from '../visible.js'
import { html, type Markup } from './markup.js'
import { stripFigure, tableMarkup } from './sweep.js'
import { code, section, sentence } from './text.js'

/** Both sides of a comparison: figures, and a strip of each throw, the one before the change above; null without one. */
export function comparisonSection(result: Result): Markup | null {
  const { comparison } = result
  if (comparison === null) return null
  const { base } = comparison
  const body = html`
    ${tableMarkup(comparisonTable(result, comparison))}
    ${sidePart(`Before (${visibleLine(comparison.to)})`, base)}
    ${sidePart('With the change', result)}
  `
  return section('comparison', `Compared with ${visibleLine(comparison.to)}`, body)
}

function sidePart(title: string, side: Pick<Comparison['base'], 'headline' | 'sweep'>): Markup {
  return html`<h3 class="later">${title}</h3>
    <p>${sentence(side.headline)}</p>
    ${side.sweep === null ? null : sweptPart(side.sweep)}`
}

function sweptPart(sweep: Sweep): Markup {
  const strip = layStrip(sweep)
  const windows = sweep.map?.windows ?? []
  return html`${strip === null ? null : stripFigure(strip, sweep)} ${windows.map(windowPart)}`
}

/** A deadly place, to be opened: where the signal came, where the thread is since, and the lock word that it waits for. */
function windowPart(window: DeadlyWindow): Markup {
  const { from, to, first, last, waiting, evidence } = window
  return html`<details>
    <summary>
      <span class="hazard">${stepsText(from, to)}: ${code(rangeOfPlaces(first, last))}</span>
    </summary>
    <div class="access">
      <ol start="0">
        ${
          waiting === null
            ? null
            : html`<li>${code(placeText(waiting))}, where the thread is since</li>
                <li>the signal’s handler</li>`
        }
        <li>${code(placeText(first))}, where the signal came</li>
      </ol>
      ${evidence.map((line) => html`<p class="rests">${visibleLine(line)}</p>`)}
    </div>
  </details>`
}
