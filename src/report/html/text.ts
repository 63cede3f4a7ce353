import { proseParts } from '../prose.js'
import { visibleLine } from '../visible.js'
import { html, type Markup } from './markup.js'

/** A sentence with its identifiers set as code. */
export function sentence(text: string): Markup {
  const parts = proseParts(visibleLine(text))
  return html`${parts.map((part) => (part.code ? code(part.text) : html`${part.text}`))}`
}

export function code(text: string): Markup {
  return html`<code>${visibleLine(text)}</code>`
}

export function section(id: string, title: string, body: Markup): Markup {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${body}
  </section> `
}
