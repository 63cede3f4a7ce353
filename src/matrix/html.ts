import { createHash } from 'node:crypto'
import { html, type Markup, trusted } from '../report/html/markup.js'
import { tableMarkup } from '../report/html/sweep.js'
import { section, sentence } from '../report/html/text.js'
import { visibleLine } from '../report/visible.js'
import { isKnown } from './compare.js'
import type { Compat, CompatCell } from './compat.js'
import { gridOf } from './grid.js'
import type { GridRow } from './grid.js'
import { groupLeftOut, leftOutTitle } from './plan-text.js'
import { cellArticle } from './html/cell.js'
import { symbolizerTable, SYMBOLIZERS_TITLE } from './symbolizer-table.js'
import { COMPAT_SCRIPT } from './html/script.js'
import { COMPAT_CSS } from './html/style.js'
import { cellMarks, cellWord, highlightsOf, verdictWords, workaroundText } from './words.js'

/**
 * The compatibility table as one HTML file: a heat map with a filter, and each cell's story behind its link. It loads
 * nothing, and its content security policy allows only its own style sheet and script, by their hashes.
 */
export function compatHtml(compat: Compat): string {
  const tone = ({ pass: 'good', fail: 'bad', neither: 'unsure' } as const)[compat.conclusion]
  const policy = [
    "default-src 'none'",
    `style-src '${hash(COMPAT_CSS)}'`,
    `script-src '${hash(COMPAT_SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const page = html`<!doctype html>
    <html lang="en" class="${tone}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>Compatibility: ${verdictWords(compat).word}</title>
        ${trusted(`<style>${COMPAT_CSS}</style>`)}
      </head>
      <body>
        ${band(compat)}
        <main class="wrap">
          ${boundarySection(compat)} ${workaroundSection(compat)} ${symbolizerSection(compat)}
          ${mapSection(compat)} ${highlightSections(compat)} ${listSections(compat)}
        </main>
        <footer>
          <div class="wrap">
            ${compat.tool.name} ${visibleLine(compat.tool.version)}, made
            ${compat.createdAt}${baselineText(compat)}
          </div>
        </footer>
        ${trusted(`<script>${COMPAT_SCRIPT}</script>`)}
      </body>
    </html> `
  return page.markup
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function baselineText({ baseline }: Compat): string {
  if (baseline === null) return ''
  return `, compared with ${visibleLine(baseline.where)} of ${visibleLine(baseline.createdAt)}`
}

function band(compat: Compat): Markup {
  const count = (tone: CompatCell['tone']): number =>
    compat.cells.filter((cell) => cell.tone === tone).length
  const { word, rule } = verdictWords(compat)
  return html`<header>
    <div class="wrap">
      <div class="verdict">
        <h1>Compatibility: ${word}</h1>
        <span class="chip against">${rule}</span>
      </div>
      <p class="headline">${sentence(compat.headline)}</p>
      <ul class="chips">
        <li><b>${count('good')}</b> without a fault</li>
        <li><b>${count('bad')}</b> with one</li>
        <li><b>${count('unsure')}</b> undecided</li>
        <li><b>${compat.leftOut.length}</b> left out</li>
      </ul>
    </div>
  </header>`
}

function boundarySection({ boundaries }: Compat): Markup | null {
  if (boundaries.length === 0) return null
  const rows = boundaries.map(
    ({ axis, text }) =>
      html`<dt>${axis}</dt>
        <dd>${sentence(text)}</dd> `,
  )
  return section('boundary', 'Where it begins and ends', html`<dl class="facts">${rows}</dl>`)
}

function workaroundSection({ workarounds }: Compat): Markup | null {
  if (workarounds.length === 0) return null
  const rows = workarounds.map(
    (one) =>
      html`<dt>${visibleLine(one.by)}</dt>
        <dd>${sentence(workaroundText(one))}</dd> `,
  )
  return section('workarounds', 'Ways out that were tried', html`<dl class="facts">${rows}</dl>`)
}

function symbolizerSection({ symbolizers }: Compat): Markup | null {
  const made = symbolizerTable(symbolizers)
  return made === null ? null : section('symbolizers', SYMBOLIZERS_TITLE, tableMarkup(made))
}

const KINDS = [
  ['all', 'All'],
  ['bad', 'Faults'],
  ['regression', 'New'],
  ['unsure', 'Undecided'],
  ['known', 'Known'],
] as const

function mapSection(compat: Compat): Markup {
  const { common, columns, rows } = gridOf(compat)
  const buttons = KINDS.map(
    ([value, title], at) =>
      html`<button type="button" value="${value}" aria-pressed="${at === 0 ? 'true' : 'false'}">
        ${title}
      </button>`,
  )
  const body = html` ${common.length === 0 ? null : html`<p>All with ${visibleLine(common.join(', '))}.</p>`}
    <div class="tools" hidden>
      <input
        id="find"
        type="search"
        placeholder="Filter: 2.31 static deadlock"
        aria-label="Filter the cells"
      />
      <div class="show">${buttons}</div>
      <span id="found" role="status"></span>
    </div>
    <div class="scroll">
      <table class="map">
        <thead>
          <tr>
            <td></td>
            ${columns.map((column) => html`<th scope="col">${visibleLine(column)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => mapRow(row, columns))}
        </tbody>
      </table>
    </div>
    <h2 class="later">The story of a cell</h2>
    <p class="hint note">Follow a cell of the table.</p>
    ${compat.cells.map(cellArticle)}`
  return section('map', 'All cells', body)
}

function mapRow({ name, listed, slots }: GridRow, columns: readonly string[]): Markup {
  const base = listed ? html`<span class="listed">base from package lists</span>` : null
  return html`<tr data-text="${visibleLine(name).toLowerCase()}">
    <th scope="row">${visibleLine(name)}${base}</th>
    ${slots.map((cells, at) => mapSlot(cells, columns[at] ?? ''))}
  </tr> `
}

function mapSlot(cells: readonly CompatCell[], column: string): Markup {
  if (cells.length === 0) return html`<td class="none">–</td>`
  return html`<td>${cells.map((cell) => mapCell(cell, column))}</td>`
}

function mapCell(cell: CompatCell, column: string): Markup {
  const marks = cellMarks(cell)
  const solid = cell.tone === 'bad' && !isKnown(cell) ? 'solid' : ''
  const kinds = [cell.tone, cell.change, cell.known === null ? '' : 'known'].filter(Boolean)
  const text = [column, cellWord(cell), ...marks, cell.unwinder ?? ''].join(' ').toLowerCase()
  return html`<a
    class="${cell.tone} ${solid}"
    href="#${cell.slug}"
    data-kinds="${kinds.join(' ')}"
    data-text="${visibleLine(text)}"
    >${cellWord(cell)}${marks.length === 0 ? null : html`<small>${marks.join(', ')}</small>`}</a
  >`
}

function highlightSections(compat: Compat): Markup {
  return html`${highlightsOf(compat).map(({ title, cells }, at) => {
    const items = cells.map(
      ({ cell, text }) =>
        html`<li><a href="#${cell.slug}">${visibleLine(cell.name)}</a>: ${sentence(text)}</li>`,
    )
    return section(
      `highlight-${at}`,
      title,
      html`<ul class="items">
        ${items}
      </ul>`,
    )
  })}`
}

function listSections({ notes, leftOut }: Compat): Markup {
  const noted = notes.map((note) => html`<li>${sentence(note)}</li>`)
  const absent = groupLeftOut(leftOut).map(
    (group) => html`<li><b>${visibleLine(leftOutTitle(group))}</b>: ${sentence(group.reason)}</li>`,
  )
  return html`${
    noted.length === 0
      ? null
      : section(
          'notes',
          'Notes',
          html`<ul class="items">
            ${noted}
          </ul>`,
        )
  }
  ${
    absent.length === 0
      ? null
      : section(
          'left-out',
          'Combinations that were left out',
          html`<ul class="items">
            ${absent}
          </ul>`,
        )
  }`
}
