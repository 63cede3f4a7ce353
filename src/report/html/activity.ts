import type { Result } from '../../result/schema.js'
import { activityRows, type Activity, type ActivityRow } from '../activity.js'
import { seconds } from '../facts.js'
import { visibleLine } from '../visible.js'
import { html, type Markup } from './markup.js'
import { axis, type Mark, strip } from './strip.js'
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

/** More of the threads without a part are folded away. */
const OPEN_ROWS = 12

/** What each thread did from start to end, as strips over one scale and as sentences. */
export function activitySection(result: Result): Markup | null {
  const rows = activityRows(result)
  const { toMs } = result.threads
  if (rows.length === 0 || toMs <= 0) return null
  const parties = rows.filter(({ role }) => role !== null).length
  const [open, folded] = [rows.slice(0, parties + OPEN_ROWS), rows.slice(parties + OPEN_ROWS)]
  const list = (some: readonly ActivityRow[]): Markup =>
    html`<ol class="activity">
      ${some.map((row) => rowMarkup(row, result))}
    </ol>`
  const scale = html`<div class="activity-scale"><span></span>${axis(ticksTo(toMs))}</div>`
  const rest =
    folded.length === 0
      ? null
      : html`<details>
          <summary>${folded.length} more rows</summary>
          ${list(folded)}
        </details>`
  const sinceMs = Math.min(...rows.map(({ stretches }) => stretches[0]?.fromMs ?? toMs))
  const body = html`<p class="rests">
      As seen from outside, without stopping the program; the first thread was seen
      ${seconds(sinceMs)} after the start.
    </p>
    ${keys(rows, result)}${list(open)}${scale}${rest}
    <details>
      <summary>The same in words</summary>
      <ul class="said">
        ${rows.map((row) => html`<li>${sentence(`${row.sentence}.`)}</li>`)}
      </ul>
    </details>`
  return section('activity', 'What each thread did', body)
}

function rowMarkup(row: ActivityRow, { threads, ending }: Result): Markup {
  const { toMs, held } = threads
  const share = (ms: number): number => Math.min(1, Math.max(0, ms / toMs))
  const holds = held.map((hold) => ({ ...hold, kind: 'held', height: 16 }))
  const told = row.stretches.filter(({ activity }) => activity !== 'ended')
  const segments = [
    ...told.map((stretch) => ({ ...stretch, ...LOOKS[stretch.activity] })),
    ...holds,
  ].map(({ fromMs, toMs: untilMs, kind, height }) => ({
    from: share(fromMs),
    to: share(untilMs),
    kind,
    height,
  }))
  const marks: Mark[] =
    ending.sinceMs === null ? [] : [{ at: share(ending.sinceMs), kind: 'last-progress' }]
  const chip = row.role === null ? null : html`<span class="chip ${row.role}">${row.role}</span>`
  const names = row.names.map((name) => visibleLine(name, 40)).join(', ')
  return html`<li>
    <span class="who-row">${chip}<b>${row.label}</b><span class="own">${names}</span></span>
    ${strip(visibleLine(row.sentence, 600), segments, marks)}
  </li>`
}

/** What the colours mean, of those that are there. */
function keys(rows: readonly ActivityRow[], { threads, ending }: Result): Markup {
  const seen = new Set(rows.flatMap(({ stretches }) => stretches.map(({ activity }) => activity)))
  const item = (picture: Markup, text: string): Markup => html`<li>${picture}${text}</li>`
  const sample = (kind: string, height: number): Markup =>
    strip('', [{ from: 0, to: 1, kind, height }])
  const activities = (Object.keys(LOOKS) as Activity[])
    .filter((activity) => seen.has(activity) && activity !== 'ended')
    .map((activity) =>
      item(sample(LOOKS[activity].kind, LOOKS[activity].height), LOOKS[activity].text),
    )
  return html`<ul class="keys">
    ${activities} ${threads.held.length > 0 && item(sample('held', 16), 'gdb looks in')}
    ${ending.sinceMs !== null && item(strip('', [], [{ at: 0.5, kind: 'last-progress' }]), 'last progress')}
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
