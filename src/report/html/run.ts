import type { Result } from '../../result/schema.js'
import { countFacts, endingText, seconds, versionRows } from '../facts.js'
import { visibleLine } from '../visible.js'
import { html, type Markup } from './markup.js'
import { sentence } from './text.js'

/** Versions beside the run: why it ended, counts, what happened when. */
export function runSection(result: Result): Markup {
  const body = html`<div class="halves">
    <div>${versionTable(result)}</div>
    <div>
      <h2>The run</h2>
      <p>${sentence(endingText(result))}</p>
      ${countTable(result)} ${timeline(result)}
    </div>
  </div>`
  return html`<section id="run">${body}</section>`
}

function versionTable(result: Result): Markup {
  const cell = (column: string, value: string | null): Markup =>
    html`<td data-column="${column}"><span>${value === null ? '–' : visibleLine(value)}</span></td>`
  const rows = versionRows(result).map(({ what, asked, built }) => {
    const kind = what.startsWith('Unwinder') ? 'key' : 'plain'
    return html`<tr class="${kind}">
      <td>${what}</td>
      ${cell('Asked', asked)} ${cell('Built', built)}
    </tr>`
  })
  return html`<h2>Versions</h2>
    <table class="versions">
      <thead>
        <tr>
          <th></th>
          <th>Asked</th>
          <th>Built or found</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`
}

function countTable(result: Result): Markup {
  const rows = countFacts(result).map(
    ({ name, value }) =>
      html`<tr>
        <td>${name}</td>
        <td class="number">${value}</td>
      </tr>`,
  )
  return html`<table>
    <tbody>
      ${rows}
    </tbody>
  </table>`
}

function timeline(result: Result): Markup | null {
  if (result.timeline.length === 0) return null
  const events = result.timeline
    .slice(0, 200)
    .map(
      ({ atMs, what }) =>
        html`<li>
          <time>${seconds(atMs)}</time
          ><span>${sentence(what.charAt(0).toUpperCase() + what.slice(1))}</span>
        </li>`,
    )
  return html`<h3 class="later">Timeline</h3>
    <ol class="timeline">
      ${events}
    </ol>`
}

/** What the run or the diagnosis could not do. */
export function warningSection(result: Result): Markup | null {
  const unread = (result.diagnosis?.unread ?? []).map((what) => `Not read: ${what}`)
  const warnings = [...result.warnings, ...unread]
  if (warnings.length === 0) return null
  const items = warnings.slice(0, 50).map((warning) => html`<li>${sentence(warning)}</li>`)
  return html`<section id="warnings">
    <div class="warnings">
      <h2>Warnings</h2>
      <ul>
        ${items}
      </ul>
    </div>
  </section> `
}
