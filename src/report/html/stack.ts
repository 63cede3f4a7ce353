import type { ShownFrame } from '../frames.js'
import type { Standing } from '../standing.js'
import { visibleLine } from '../visible.js'
import { html, type Markup } from './markup.js'

const PARTS = {
  signal: 'a signal arrived',
  interrupted: 'was interrupted here',
} as const

/** Frames as a list, innermost first, those of the story marked; `standing` says what the thread does in its own. */
export function frameList(frames: readonly ShownFrame[], standing: Standing = 'waits'): Markup {
  if (frames.length === 0) return html`<p class="note">No frames are known.</p>`
  return html`<ol class="frames mono">
    ${frames.map((frame) => [gap(frame), row(frame, standing)])}
  </ol>`
}

function gap(frame: ShownFrame): Markup | null {
  if (frame.skipped === 0) return null
  const more = frame.skipped === 1 ? '1 more frame' : `${frame.skipped} more frames`
  return html`<li class="gap"><span class="level">⋮</span><span class="name">${more}</span></li>`
}

function row(frame: ShownFrame, standing: Standing): Markup {
  const text = frame.role === 'waiting' ? `${standing} here` : frame.role && PARTS[frame.role]
  const part = text === null ? null : html`<span class="part">${text}</span>`
  const args = frame.args === null || frame.args === '' ? '' : ` (${visibleLine(frame.args, 300)})`
  const where = frame.where === null ? '' : ` ${visibleLine(frame.where, 300)}`
  const name = html`<b>${visibleLine(frame.function, 400)}</b>`
  const place = args + where === '' ? null : html`<span class="place">${args}${where}</span>`
  return html`<li class="${frame.role ?? 'plain'}">
    <span class="level">#${frame.level}</span><span class="name">${name}${place}</span>${part}
  </li>`
}
