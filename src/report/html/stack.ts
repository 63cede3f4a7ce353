import type { ShownFrame } from '../frames.js'
import { visibleLine } from '../visible.js'
import { html, type Markup } from './markup.js'

const PARTS = {
  waiting: 'waits here',
  signal: 'a signal arrived',
  interrupted: 'was interrupted here',
} as const

/** Frames as a list, innermost first, those of the story marked. */
export function frameList(frames: readonly ShownFrame[]): Markup {
  if (frames.length === 0) return html`<p class="note">No frames are known.</p>`
  return html`<ol class="frames mono">
    ${frames.map((frame) => [gap(frame), row(frame)])}
  </ol>`
}

function gap(frame: ShownFrame): Markup | null {
  if (frame.skipped === 0) return null
  const more = frame.skipped === 1 ? '1 more frame' : `${frame.skipped} more frames`
  return html`<li class="gap"><span class="level">⋮</span><span class="name">${more}</span></li>`
}

function row(frame: ShownFrame): Markup {
  const part = frame.role === null ? null : html`<span class="part">${PARTS[frame.role]}</span>`
  const args = frame.args === null || frame.args === '' ? '' : ` (${visibleLine(frame.args, 300)})`
  const where = frame.where === null ? '' : ` ${visibleLine(frame.where, 300)}`
  const name = html`<b>${visibleLine(frame.function, 400)}</b>`
  const place = args + where === '' ? null : html`<span class="place">${args}${where}</span>`
  return html`<li class="${frame.role ?? 'plain'}">
    <span class="level">#${frame.level}</span><span class="name">${name}${place}</span>${part}
  </li>`
}
