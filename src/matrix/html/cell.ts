import { html, type Markup } from '../../report/html/markup.js'
import { sentence } from '../../report/html/text.js'
import { visibleBlock, visibleLine } from '../../report/visible.js'
import type { CompatCell } from '../compat.js'
import { cellMarks, cellWord, driftText, knownText } from '../words.js'

/** One cell's story, shown when its link in the table is followed. */
export function cellArticle(cell: CompatCell): Markup {
  const marks = cellMarks(cell)
  return html`<article class="cell ${cell.tone}" id="${cell.slug}">
    <h3>
      <span class="word">${cellWord(cell)}</span> ${visibleLine(cell.name)}
      ${marks.map((mark) => html`<span class="chip">${mark}</span> `)}
    </h3>
    <p>${sentence(cell.headline)}</p>
    ${notes(cell)} ${story(cell)} ${advice(cell)} ${facts(cell)}
    <p><a href="#map">Back to the table</a></p>
  </article> `
}

function notes(cell: CompatCell): Markup {
  const known = knownText(cell)
  const before =
    cell.before === null ? null : `Before: ${cell.before.outcome ?? cell.before.state}.`
  const drift = cell.drift.length === 0 ? null : `Drifted: ${cell.drift.map(driftText).join(', ')}.`
  const lines = [known, before, drift].filter((line) => line !== null)
  return html`${lines.map((line) => html`<p>${sentence(line)}</p>`)}`
}

function story(cell: CompatCell): Markup | null {
  if (cell.story.length === 0) return null
  const steps = cell.story.map(
    ({ text, rests }) =>
      html`<li>
        <p>${sentence(text)}</p>
        <span class="rests">Rests on <code>${visibleLine(rests)}</code></span>
      </li>`,
  )
  return html`<h4>What happened</h4>
    <ol class="story">
      ${steps}
    </ol>`
}

function advice(cell: CompatCell): Markup | null {
  if (cell.advice.length === 0) return null
  const items = cell.advice.map(
    ({ text, copy }) =>
      html`<li class="panel">
        <p>${sentence(text)}</p>
        ${copy === null ? null : html`<pre>${visibleBlock(copy)}</pre>`}
      </li>`,
  )
  return html`<h4>What to do</h4>
    <ul class="advice">
      ${items}
    </ul>`
}

function facts(cell: CompatCell): Markup {
  const { versions, counts } = cell
  const number = (value: number | null | undefined): string | null =>
    value === null || value === undefined ? null : value.toLocaleString('en-US')
  const rows: [string, string | null | undefined][] = [
    ['Unwinder that ran', cell.unwinder],
    ['Go', versions?.go],
    ['glibc', versions?.glibc],
    ['gcc', versions?.gcc],
    ['libstdc++', versions?.['libstdc++']],
    ['Symbolizer', versions?.symbolizer],
    ['Base', versions?.distribution],
    [
      'Base in the catalog',
      cell.evidence === 'listed'
        ? 'from package lists, not run by this project'
        : cell.evidence === 'run'
          ? 'run by this project'
          : null,
    ],
    ['Watched', counts === null ? null : `${counts.seconds.toFixed(1)} s`],
    ['Exceptions thrown', number(counts?.throws)],
    ['Tracebacks that came back', number(counts?.unwinds)],
    ['Result', cell.where],
  ]
  const lines = rows.flatMap(([name, value]) =>
    value === null || value === undefined
      ? []
      : [
          html`<dt>${name}</dt>
            <dd>${visibleLine(value)}</dd>`,
        ],
  )
  return html`<h4>Facts</h4>
    <dl>${lines}</dl>`
}
