import { createHash } from 'node:crypto'
import { activitySection } from './html/activity.js'
import { comparisonSection } from './html/comparison.js'
import { threadSection, logSection } from './html/dumps.js'
import { html, type Markup, trusted } from './html/markup.js'
import { runSection, warningSection } from './html/run.js'
import { PAGE_SCRIPT } from './html/script.js'
import { PAGE_CSS } from './html/style.js'
import { sweepSection } from './html/sweep.js'
import { SWEEP_SCRIPT } from './html/sweep-script.js'
import {
  adviceSection,
  graphSection,
  partySection,
  storySection,
  verdictBand,
} from './html/verdict.js'
import { headlineOf } from '../result/outputs.js'
import type { ReportMaterial } from './types.js'
import { verdictOf } from './verdict.js'
import { visibleLine } from './visible.js'

/**
 * The whole report as one HTML file. It loads nothing; its content security policy allows only its own style sheet and
 * its own script, both by their hashes, so that nothing a program wrote could run even if it were not escaped.
 */
export function reportHtml(material: ReportMaterial): string {
  const { result, process, texts } = material
  const { diagnosis } = result
  const sections = [
    comparisonSection(result),
    diagnosis && storySection(diagnosis),
    diagnosis && partySection(diagnosis, process),
    diagnosis && graphSection(diagnosis),
    activitySection(result),
    diagnosis && adviceSection(diagnosis),
    sweepSection(result),
    warningSection(result),
    runSection(result),
    threadSection(process, diagnosis, texts),
    logSection(texts),
  ]
  return page(material, html`${sections}`).markup
}

/** The page's scripts are one, so that its policy names one hash. */
const SCRIPT = `${PAGE_SCRIPT};${SWEEP_SCRIPT}`

function page({ result }: ReportMaterial, body: Markup): Markup {
  const { tone, title } = verdictOf(result)
  const policy = [
    "default-src 'none'",
    `style-src '${hash(PAGE_CSS)}'`,
    `script-src '${hash(SCRIPT)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return html`<!doctype html>
    <html lang="en" class="${tone}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}: ${visibleLine(headlineOf(result), 200)}</title>
        <link rel="icon" href="${icon(tone)}" />
        ${element('style', PAGE_CSS)}
      </head>
      <body>
        ${verdictBand(result)}
        <main class="wrap">${body}</main>
        <footer>
          <div class="wrap">
            ${result.tool.name} ${visibleLine(result.tool.version)}, run ${visibleLine(result.id)},
            started ${result.startedAt}
          </div>
        </footer>
        ${element('script', SCRIPT)}
      </body>
    </html> `
}

/** Exactly the text that its hash in the policy is of: not a blank more. */
function element(name: 'style' | 'script', text: string): Markup {
  return trusted(`<${name}>${text}</${name}>`)
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

const DOTS = { good: '#1a7f37', bad: '#cf222e', unsure: '#bf8700' } as const

function icon(tone: keyof typeof DOTS): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${DOTS[tone]}"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
