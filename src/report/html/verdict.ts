import type { Culprit, Diagnosis, Victim } from '../../diagnosis/schema.js'
import type { StoppedProcess } from '../../gdb/types.js'
import { headlineOf, threadText } from '../../result/outputs.js'
import type { Result } from '../../result/schema.js'
import { framesThatMatter } from '../frames.js'
import { drawableGraph, graphSentences } from '../graph.js'
import { graphSvg } from '../graph-svg.js'
import { type Standing, standingOf } from '../standing.js'
import { verdictOf } from '../verdict.js'
import { visibleBlock, visibleLine } from '../visible.js'
import { html, type Markup } from './markup.js'
import { frameList } from './stack.js'
import { code, section, sentence } from './text.js'

const ICONS = {
  good: html`<path d="m7 12.5 3.2 3.2L17 9" />`,
  bad: html`<path d="m8.5 8.5 7 7m0-7-7 7" />`,
  unsure: html`<path d="M12 7v6m0 3.4v.1" />`,
} as const

/** The band at the top: what happened, whether that passes, the headline. */
export function verdictBand(result: Result): Markup {
  const { tone, title, against } = verdictOf(result)
  const { diagnosis, toolchain } = result
  const unwinder = toolchain?.unwinder.version ?? null
  const chips: [name: string, value: string | null | undefined][] = [
    ['class', diagnosis?.class],
    ['confidence', diagnosis?.confidence],
    ['glibc', toolchain?.glibc],
    [toolchain?.unwinder.linkage === 'static' ? 'static libgcc' : 'libgcc', unwinder],
    ['Go', toolchain?.go],
  ]
  return html`<header>
    <div class="wrap">
      <div class="verdict">
        <svg
          class="icon"
          viewBox="0 0 24 24"
          fill="none"
          stroke="currentColor"
          stroke-width="2.2"
          stroke-linecap="round"
          stroke-linejoin="round"
          aria-hidden="true"
        >
          <circle cx="12" cy="12" r="10" />
          ${ICONS[tone]}
        </svg>
        <h1>${title}</h1>
        <span class="chip against">${against}</span>
      </div>
      <p class="headline">${sentence(headlineOf(result))}</p>
      <ul class="chips">
        ${chips.map(([name, value]) => (value ? html`<li>${name} <b>${visibleLine(value)}</b></li>` : null))}
      </ul>
    </div>
  </header>`
}

/** What happened, step by step, beside what is known of the culprit and the lock. */
export function storySection(diagnosis: Diagnosis): Markup {
  const steps = diagnosis.story.map(
    (step) =>
      html`<li>
        <p>${sentence(step.text)}</p>
        <span class="rests">Rests on ${code(step.rests)}</span>
      </li>`,
  )
  const story =
    steps.length === 0
      ? null
      : html`<ol class="story">
          ${steps}
        </ol>`
  const also =
    diagnosis.also.length === 0
      ? null
      : html`<h3>Also possible</h3>
          <ul class="said">
            ${diagnosis.also.map((other) => html`<li>${code(other.class)} (${other.confidence}): ${sentence(other.headline)}</li>`)}
          </ul>`
  const raise =
    diagnosis.raise === null
      ? null
      : html`<p class="rests">To be more certain: ${sentence(diagnosis.raise)}</p>`
  const body = html`<div class="columns">
    <div>${story}${raise}${also}</div>
    ${factPanel(diagnosis)}
  </div>`
  return section('story', 'What happened', body)
}

const WINDOWS = {
  lock: 'while it took the lock',
  unlock: 'while it released the lock',
  held: 'while it held the lock',
} as const

const STANDS_IN = { waits: 'Waits in', runs: 'Runs in', crashed: 'Crashed in' } as const

const MONO = new Set<string>(['Interrupted', ...Object.values(STANDS_IN), 'Lock', 'Address'])

function factPanel(diagnosis: Diagnosis): Markup | null {
  const [culprit] = diagnosis.culprits
  const { lock } = diagnosis
  const victims = diagnosis.victims.length
  const rows: [name: string, value: string | null | undefined][] = [
    ['Culprit', culprit && threadText(culprit)],
    ['Signal', culprit?.signal && `${culprit.signal.name} (${culprit.signal.number ?? '?'})`],
    ['Arrived', culprit?.window && WINDOWS[culprit.window]],
    ['Interrupted', culprit?.interrupted?.function],
    [STANDS_IN[standingOf(diagnosis)], culprit?.waiting?.function],
    ['Lock', lock?.symbol ?? lock?.role?.replaceAll('-', ' ')],
    ['Address', lock?.address],
    ['Kind', lock?.kind],
    ['Lock word', lock?.word === null ? null : lock && String(lock.word)],
    [
      'Owner',
      lock?.owner === null
        ? null
        : lock && (lock.owner === 0 ? '0 (none recorded)' : `LWP ${lock.owner}`),
    ],
    ['Count', lock?.count === null ? null : lock && String(lock.count)],
    ['Victims', victims === 0 ? null : victims.toLocaleString('en-US')],
  ]
  const known = rows.filter(([, value]) => value !== null && value !== undefined && value !== '')
  if (known.length === 0) return null
  return html`<aside class="panel">
    <h3>Found</h3>
    <dl>
      ${known.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd class="${MONO.has(name) ? 'mono' : 'plain'}">${visibleLine(value ?? '')}</dd>`,
      )}
    </dl>
  </aside>`
}

const MAX_PARTIES = 4

/** The stacks of culprits and victims, shortened to the frames that matter. */
export function partySection(diagnosis: Diagnosis, process: StoppedProcess | null): Markup | null {
  const parties = [
    ...diagnosis.culprits.slice(0, MAX_PARTIES).map((party) => ({ party, role: 'culprit' })),
    ...diagnosis.victims.slice(0, MAX_PARTIES).map((party) => ({ party, role: 'victim' })),
  ]
  if (parties.length === 0) return null
  const stacks = parties.map(({ party, role }) =>
    partyStack(party, role, process, role === 'culprit' ? standingOf(diagnosis) : 'waits'),
  )
  const more = diagnosis.victims.length - MAX_PARTIES
  const rest =
    more > 0
      ? html`<p class="note">${more.toLocaleString('en-US')} more victims wait too.</p>`
      : null
  return section(
    'parties',
    'The threads that matter',
    html`<div class="halves">${stacks}</div>
      ${rest}`,
  )
}

function partyStack(
  party: Culprit | Victim,
  role: string,
  process: StoppedProcess | null,
  standing: Standing,
): Markup {
  const signal = 'signal' in party ? party.signal : null
  return html`<figure class="stack ${role}">
    <figcaption>
      <span class="chip ${role}">${role}</span> ${visibleLine(threadText(party))}
      ${signal === null ? null : html`<code>${visibleLine(signal.name)}</code>`}
    </figcaption>
    ${frameList(framesThatMatter(party, process), standing)}
  </figure>`
}

/** The wait-for graph as a picture and as sentences. */
export function graphSection(diagnosis: Diagnosis): Markup | null {
  const graph = drawableGraph(diagnosis.graph)
  if (graph === null) return null
  const said = graphSentences(graph).map((text) => html`<li>${sentence(text)}</li>`)
  const body = html`<div class="picture">${graphSvg(graph)}</div>
    <ul class="said">
      ${said}
    </ul>`
  return section('graph', 'Who waits for whom', body)
}

/** What to do, with lines to copy. */
export function adviceSection(diagnosis: Diagnosis): Markup | null {
  if (diagnosis.advice.length === 0) return null
  const cards = diagnosis.advice.map(
    ({ text, copy }) =>
      html`<li class="panel">
        <p>${sentence(text)}</p>
        ${copy === null ? null : html`<pre>${visibleBlock(copy)}</pre>`}
      </li>`,
  )
  return section(
    'advice',
    'What to do',
    html`<ul class="advice">
      ${cards}
    </ul>`,
  )
}
