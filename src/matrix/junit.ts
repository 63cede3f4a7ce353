import { html, type Markup, trusted } from '../report/html/markup.js'
import { visibleBlock, visibleLine } from '../report/visible.js'
import { isKnown, judge } from './compare.js'
import type { Judgement } from './compare.js'
import type { Compat, CompatCell } from './compat.js'
import { knownText, cellWord } from './words.js'

/**
 * The table as a JUnit report: a fault that fails the report is a failure, an undecided cell an error, a fault that is
 * known or that the baseline has too is skipped with the reason.
 */
export function junitXml(compat: Compat): string {
  const judgement = judge(compat.cells, compat.failOn)
  const cases = compat.cells.map((cell) => ({ cell, ...verdictOn(cell, judgement) }))
  const count = (kind: string): number => cases.filter((one) => one.kind === kind).length
  const seconds = compat.cells.reduce((sum, cell) => sum + (cell.counts?.seconds ?? 0), 0)
  const suite = html`<testsuite
    name="cgo-deadlock compatibility"
    tests="${cases.length}"
    failures="${count('failure')}"
    errors="${count('error')}"
    skipped="${count('skipped')}"
    time="${seconds.toFixed(3)}"
    timestamp="${compat.createdAt}"
    >${cases.map(({ cell, body }) => testCase(cell, body))}</testsuite
  >`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>${suite.markup}</testsuites>\n`
}

function testCase(cell: CompatCell, body: Markup | null): Markup {
  const time = (cell.counts?.seconds ?? 0).toFixed(3)
  return html` <testcase classname="cgo-deadlock" name="${visibleLine(cell.name)}" time="${time}"
    >${body}</testcase
  >`
}

function verdictOn(
  cell: CompatCell,
  { failing, open }: Judgement,
): { kind: 'pass' | 'failure' | 'error' | 'skipped'; body: Markup | null } {
  if (isKnown(cell)) return { kind: 'skipped', body: element('skipped', knownText(cell) ?? '') }
  if (cell.tone === 'good') return { kind: 'pass', body: null }
  const message = visibleLine(cell.headline)
  if (open.includes(cell)) return { kind: 'error', body: element('error', message, cellWord(cell)) }
  if (!failing.includes(cell)) {
    return { kind: 'skipped', body: element('skipped', `A fault, but no new one: ${message}`) }
  }
  const story = cell.story.map(({ text, rests }) => `${text} (${rests})`).join('\n')
  return { kind: 'failure', body: element('failure', message, cellWord(cell), story) }
}

function element(name: string, message: string, type?: string, text = ''): Markup {
  const kind = type === undefined ? null : html` type="${type}"`
  return html`${trusted(`<${name}`)}
  message="${visibleLine(message)}"${kind}>${visibleBlock(text)}${trusted(`</${name}>`)}`
}
