import type { Comparison, Result } from '../../result/schema.js'
import type { Sweep } from '../../sweep/schema.js'
import { comparisonTable } from '../comparison-table.js'
import { layStrip } from '../sweep-strip.js'
import { visibleLine } from '../visible.js'
import { deadlyParts } from './deadly.js'
import { html, type Markup } from './markup.js'
import { stripFigure, tableMarkup } from './sweep.js'
import { section, sentence } from './text.js'

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
  return html`<div class="swept">
    ${strip === null ? null : stripFigure(strip, sweep)} ${deadlyParts(sweep)}
  </div>`
}
