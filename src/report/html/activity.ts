import type { Result, Threads } from '../../result/schema.js'
import { activityRows, type Activity, type ActivityRow } from '../activity.js'
import { seconds } from '../facts.js'
import { visibleLine } from '../visible.js'
import { html, type Markup } from './markup.js'
import { axis, strip } from './strip.js'
import { section, sentence } from './text.js'

/** Look of the timeline of threads. An activity is told by its height too, for those who see no colours. */
export const ACTIVITY_CSS = `
:root { --run: #57ab9a; --wait: #b6c0cb; --lock: #d99a1c; --handler: #cf222e; --held: #8250df; }
@media (prefers-color-scheme: dark) { :root { --run: #3f9384; --wait: #4a545f; --lock: #d29922; --handler: #f85149; --held: #a371f7; } }
.strip .running { fill: var(--run); }
.strip .mixed { fill: var(--run); fill-opacity: 0.55; }
.strip .waiting { fill: var(--wait); }
.strip .lock { fill: var(--lock); }
.strip .handler { fill: var(--handler); }
.strip .held { fill: var(--held); fill-opacity: 0.16; }
.strip .last-progress { stroke: var(--ink); stroke-width: 1px; stroke-dasharray: 3 2; }
.activity { list-style: none; margin: 0; padding: 0; }
.activity > li, .activity-scale { display: grid; grid-template-columns: 19rem minmax(0, 1fr); gap: 0 1rem; align-items: center; padding: 0.14rem 0; }
.activity .who-row { font-size: 0.85rem; padding: 0; display: flex; gap: 0.5rem; align-items: baseline; white-space: nowrap; overflow: hidden; }
.activity .own { color: var(--soft); overflow: hidden; text-overflow: ellipsis; }
.activity .chip { padding: 0.02rem 0.5rem; font-size: 0.76rem; }
.keys { display: flex; flex-wrap: wrap; gap: 0.3rem 1.3rem; list-style: none; margin: 0 0 0.9rem; padding: 0; font-size: 0.84rem; color: var(--soft); }
.keys li { display: flex; gap: 0.45rem; align-items: center; }
.keys svg { width: 1.5rem; flex: none; }
.activity-scale { margin-bottom: 1rem; }
@media (max-width: 700px) { .activity > li, .activity-scale { grid-template-columns: minmax(0, 1fr); gap: 0.1rem; } .activity > li { padding: 0.3rem 0; } }
`

const LOOKS: Readonly<Record<Activity, { kind: string; height: number; text: string }>> = {
  running: { kind: 'running', height: 12, text: 'runs' },
  mixed: { kind: 'mixed', height: 8, text: 'runs and waits by turns' },
  waiting: { kind: 'waiting', height: 4, text: 'waits' },
  lock: { kind: 'lock', height: 12, text: 'waits for a lock' },
  handler: { kind: 'handler', height: 16, text: 'waits for a lock in a signal handler' },
  ended: { kind: 'ended', height: 0, text: 'has ended' },
}

const HELD = { kind: 'held', height: 16, text: 'gdb looks in' } as const
const LAST_PROGRESS = { kind: 'last-progress' } as const

/** More of the threads without a part are folded away. */
const OPEN_ROWS = 12

/** The time that all rows share, and what is marked across them. */
interface Scale extends Pick<Threads, 'toMs' | 'held'> {
  readonly lastProgressMs: number | null
}

/** What each thread did from start to end, as strips over one scale and as sentences. */
export function activitySection({ threads, diagnosis, ending }: Result): Markup | null {
  if (threads === null || threads.rows.length === 0 || threads.toMs <= 0) return null
  const rows = activityRows(threads, diagnosis)
  const scale = { ...threads, lastProgressMs: ending.sinceMs }
  const parties = rows.filter(({ role }) => role !== null).length
  const [open, folded] = [rows.slice(0, parties + OPEN_ROWS), rows.slice(parties + OPEN_ROWS)]
  const sinceMs = Math.min(...rows.flatMap(({ stretches }) => stretches[0]?.fromMs ?? []))
  const rest =
    folded.length === 0
      ? null
      : html`<details>
          <summary>${folded.length} more rows</summary>
          ${rowList(folded, scale)}
        </details>`
  const body = html`<p class="rests">
      As seen from outside, without stopping the program; the first thread was seen
      ${seconds(sinceMs)} after the start.
    </p>
    ${keys(rows, scale)}${rowList(open, scale)}
    <div class="activity-scale"><span></span>${axis(ticksTo(scale.toMs))}</div>
    ${rest}
    <details>
      <summary>The same in words</summary>
      <ul class="said">
        ${rows.map((row) => html`<li>${sentence(`${row.sentence}.`)}</li>`)}
      </ul>
    </details>`
  return section('activity', 'What each thread did', body)
}

function rowList(rows: readonly ActivityRow[], scale: Scale): Markup {
  return html`<ol class="activity">
    ${rows.map((row) => rowMarkup(row, scale))}
  </ol>`
}

function rowMarkup(row: ActivityRow, { toMs, held, lastProgressMs }: Scale): Markup {
  const share = (ms: number): number => Math.min(1, Math.max(0, ms / toMs))
  const stretches = row.stretches
    .filter(({ activity }) => activity !== 'ended')
    .map((stretch) => ({ ...stretch, ...LOOKS[stretch.activity] }))
  const segments = [...stretches, ...held.map((hold) => ({ ...hold, ...HELD }))].map((each) => ({
    from: share(each.fromMs),
    to: share(each.toMs),
    kind: each.kind,
    height: each.height,
  }))
  const marks = lastProgressMs === null ? [] : [{ ...LAST_PROGRESS, at: share(lastProgressMs) }]
  const chip = row.role === null ? null : html`<span class="chip ${row.role}">${row.role}</span>`
  const names = row.names.map((name) => visibleLine(name, 40)).join(', ')
  return html`<li>
    <span class="who-row">${chip}<b>${row.label}</b><span class="own">${names}</span></span>
    ${strip(visibleLine(row.sentence, 600), segments, marks)}
  </li>`
}

/** What the colours mean, of those that are there. */
function keys(rows: readonly ActivityRow[], { held, lastProgressMs }: Scale): Markup {
  const seen = new Set(rows.flatMap(({ stretches }) => stretches.map(({ activity }) => activity)))
  const looks = (Object.keys(LOOKS) as Activity[])
    .filter((activity) => seen.has(activity) && activity !== 'ended')
    .map((activity) => LOOKS[activity])
  const samples = [...looks, ...(held.length === 0 ? [] : [HELD])].map(
    ({ kind, height, text }) =>
      html`<li>${strip('', [{ from: 0, to: 1, kind, height }])}${text}</li>`,
  )
  return html`<ul class="keys">
    ${samples}
    ${lastProgressMs !== null && html`<li>${strip('', [], [{ ...LAST_PROGRESS, at: 0.5 }])}last progress</li>`}
  </ul>`
}

const TICKS_MAX = 8
const STEPS = [1, 2, 5] as const

/** Round times from the start to the end, at most nine. */
function ticksTo(toMs: number): { at: number; text: string }[] {
  const magnitude = 10 ** Math.floor(Math.log10(toMs / TICKS_MAX))
  const stepMs = magnitude * (STEPS.find((step) => toMs / (step * magnitude) <= TICKS_MAX) ?? 10)
  const count = Math.floor(toMs / stepMs)
  return Array.from({ length: count + 1 }, (_unused, index) => ({
    at: (index * stepMs) / toMs,
    text: scaleText(index * stepMs),
  }))
}

/** As short as it can be: `0.4 s`, `12 s`. */
function scaleText(ms: number): string {
  return ms === 0 ? '0' : `${Number((ms / 1000).toFixed(3))} s`
}
