import type { Diagnosis } from '../../diagnosis/schema.js'
import type { StoppedProcess, Thread } from '../../gdb/types.js'
import { type Standing, standingOf } from '../standing.js'
import { groupThreads, type ThreadGroup } from '../thread-groups.js'
import type { EvidenceTexts } from '../types.js'
import { visibleBlock, visibleLine } from '../visible.js'
import { html, type Markup } from './markup.js'
import { frameList } from './stack.js'
import { section } from './text.js'

/** More raw text than this is left to the file it comes from. */
const MAX_THREADS_CHARACTERS = 8_000_000
const MAX_LOG_CHARACTERS = 400_000
/** Threads of a group that are named at once; the others can be unfolded. */
const NAMED_THREADS = 12

/** All threads, grouped and raw, with a search over both. */
export function threadSection(
  process: StoppedProcess | null,
  diagnosis: Diagnosis | null,
  texts: EvidenceTexts,
): Markup | null {
  const groups = process === null ? [] : groupThreads(process, diagnosis)
  const raw = rawThreads(texts.threads)
  if (groups.length === 0 && raw === null) return null
  const standing = diagnosis === null ? 'waits' : standingOf(diagnosis)
  const count = process?.threads.length ?? 0
  const title = count === 0 ? 'All threads' : `All ${count.toLocaleString('en-US')} threads`
  const tools = html`<div class="tools" hidden>
    <input
      id="find"
      type="search"
      placeholder="Find a function, a file, an LWP…"
      aria-label="Find in stacks"
      autocomplete="off"
      spellcheck="false"
    />
    <output id="found" for="find"></output>
  </div>`
  return section(
    'threads',
    title,
    html`${tools}${groups.map((group) => groupMarkup(group, group.role === 'culprit' ? standing : 'waits'))}${raw}`,
  )
}

function groupMarkup(group: ThreadGroup, standing: Standing): Markup {
  const { threads, frames, role } = group
  const count =
    threads.length === 1 ? '1 thread' : `${threads.length.toLocaleString('en-US')} threads`
  const names = frames.slice(0, 8).map((frame) => visibleLine(frame.function, 80))
  const chip = role === null ? null : html`<span class="chip ${role}">${role}</span>`
  return html`<details
    class="group ${role ?? 'other'}"
    data-threads="${threads.length}"
    ${role === 'culprit' ? openAttribute : null}
  >
    <summary>
      <span class="count">${count}</span>${chip}<span class="mono">${names.join(' ← ')}</span>
    </summary>
    ${who(threads)}${frameList(frames, standing)}
  </details> `
}

const openAttribute = html`open`

function who(threads: readonly Thread[]): Markup {
  const named = threads
    .slice(0, NAMED_THREADS)
    .map((thread) => threadName(thread))
    .join(', ')
  const rest = threads.slice(NAMED_THREADS)
  const more =
    rest.length === 0
      ? null
      : html` <details>
          <summary>${rest.length.toLocaleString('en-US')} more</summary>
          <p>${rest.map((thread) => threadName(thread)).join(', ')}</p>
        </details>`
  return html`<div class="who">${named}${more}</div>`
}

function threadName(thread: Thread): string {
  const number = thread.number === null ? 'thread' : `thread ${thread.number}`
  const lwp = thread.lwp === null ? '' : ` LWP ${thread.lwp}`
  const name = thread.name === null ? '' : ` “${visibleLine(thread.name, 40)}”`
  return number + lwp + name
}

/** threads.txt, one block a thread, so that a search can hide those without a match. */
function rawThreads(text: string): Markup | null {
  if (text.trim() === '') return null
  const { shown, note } = bounded(text, MAX_THREADS_CHARACTERS, 'threads.txt', 'head')
  const chunks = visibleBlock(shown)
    .split(/\n(?=Thread \d+ )/)
    .filter((chunk) => chunk.trim() !== '')
  const blocks = chunks.map(
    (chunk) =>
      html`<pre class="text chunk" data-threads="${/^Thread \d/.test(chunk) ? 1 : 0}">
${chunk.trimEnd()}</pre> `,
  )
  return html`<details id="raw">
    <summary>Raw dump <span class="size">threads.txt, ${size(text)}</span></summary>
    ${note}
    <div class="tall whole">${blocks}</div>
  </details> `
}

const LOGS: readonly (readonly [key: keyof EvidenceTexts, title: string, file: string])[] = [
  ['output', 'Output of the program', 'output.log'],
  ['goroutines', 'Goroutines', 'goroutines.txt'],
  ['gdb', 'gdb’s own log', 'gdb.log'],
  ['build', 'Build log', 'build.log'],
]

/** The other files, folded; the output is open, at its end where it was cut. */
export function logSection(texts: EvidenceTexts): Markup | null {
  const logs = LOGS.filter(([key]) => texts[key].trim() !== '')
  if (logs.length === 0) return null
  const blocks = logs.map(([key, title, file]) => {
    const { shown, note } = bounded(texts[key], MAX_LOG_CHARACTERS, file, 'tail')
    const open = key === 'output' ? openAttribute : null
    return html`<details ${open}>
      <summary>${title} <span class="size">${file}, ${size(texts[key])}</span></summary>
      ${note}
      <div class="tall tail"><pre class="text">${visibleBlock(shown)}</pre></div>
    </details> `
  })
  return section('logs', 'Logs', html`${blocks}`)
}

/** The part of a text that is shown, cut at a line end, and a note on what is not. */
function bounded(
  text: string,
  limit: number,
  file: string,
  part: 'head' | 'tail',
): { shown: string; note: Markup | null } {
  if (text.length <= limit) return { shown: text, note: null }
  const cut =
    part === 'head'
      ? text.slice(0, text.lastIndexOf('\n', limit))
      : text.slice(text.indexOf('\n', text.length - limit) + 1)
  const which = part === 'head' ? 'first' : 'last'
  return {
    shown: cut,
    note: html`<p class="note">
      Only the ${which} ${size(cut)} are shown; ${file} has everything.
    </p>`,
  }
}

function size(text: string): string {
  const bytes = Buffer.byteLength(text)
  if (bytes < 1024) return `${bytes} bytes`
  return bytes < 1024 * 1024
    ? `${Math.round(bytes / 1024)} KiB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
