import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { StoppedProcess } from '../../src/gdb/types.js'
import { reportHtml } from '../../src/report/html.js'
import { NO_EVIDENCE_TEXTS } from '../../src/report/types.js'
import type { Result } from '../../src/result/schema.js'
import { type OpenPage, openPage, type PageOptions, startBrowser } from '../helpers/browser.js'
import { HOSTILE, rewriteTexts } from '../helpers/hostile.js'
import { makeDiagnosis, makeDump, makeProcess, makeResult } from '../helpers/result.js'

/** What a reader is asked to wait; on two cores it takes a fifth of that. */
const OPEN_MS = 2000

let browser: Browser
let open: OpenPage | undefined

beforeAll(async () => {
  browser = await startBrowser()
})
afterEach(async () => {
  // Whatever a test did with a page: it asked for nothing and broke no rule of its policy.
  const { requests, complaints } = open ?? { requests: [], complaints: [] }
  await open?.page.close()
  open = undefined
  expect(requests).toEqual([])
  expect(complaints).toEqual([])
})
afterAll(() => browser.close())

function reportOf(process: StoppedProcess, result: Result = makeResult()): string {
  const texts = { ...NO_EVIDENCE_TEXTS, threads: makeDump(process), output: 'Loop #1' }
  return reportHtml({ result, process, texts })
}

async function show(html: string, options?: PageOptions): Promise<Page> {
  open = await openPage(browser, html, options)
  return open.page
}

const visibleGroups = (page: Page): Promise<number> => page.locator('.group:visible').count()

describe('the search', () => {
  it('shows the threads that have what was typed, opens the raw dump, and gives all back', async () => {
    const page = await show(reportOf(makeProcess(10)))
    expect(await visibleGroups(page)).toBe(4)
    const box = page.getByRole('searchbox', { name: 'Find in stacks' })
    await box.pressSequentially('Backtrace_Init')
    expect(await page.locator('#found').textContent()).toBe('1 of 10 threads')
    expect(await visibleGroups(page)).toBe(1)
    expect(await page.locator('#raw').getAttribute('open')).not.toBeNull()
    expect(await page.locator('.chunk:visible').count()).toBe(1)
    expect(await page.evaluate("CSS.highlights.get('found').size")).toBe(1)
    await box.fill('')
    expect(await visibleGroups(page)).toBe(4)
  })

  it('is not in the way where scripts are off: everything is there but the box', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.setContent(reportOf(makeProcess(10)))
    expect(await page.locator('#find').isVisible()).toBe(false)
    expect(await visibleGroups(page)).toBe(4)
    await context.close()
  })
})

it('opens a dump of 2,000 threads in less than two seconds, and searches it', async () => {
  const page = await show(reportOf(makeProcess(2000)))
  expect(open!.openedMs).toBeLessThan(OPEN_MS)
  await page.locator('#find').fill('LWP 1234')
  expect(await page.locator('#found').textContent()).toBe('1 of 2,000 threads')
  expect(await page.locator('.chunk:visible').count()).toBe(1)
})

it('can be used with the keyboard alone: parts fold and unfold, the search is reached', async () => {
  const page = await show(reportOf(makeProcess(10)))
  const words = page.locator('#activity > details')
  await words.locator('summary').focus()
  await page.keyboard.press('Enter')
  expect(await words.getByText('waited for a lock in a signal handler').isVisible()).toBe(true)
  await page.keyboard.press('Space')
  expect(await words.getByText('waited for a lock in a signal handler').isVisible()).toBe(false)
  const reached: string[] = []
  for (let presses = 0; presses < 20 && !reached.includes('find'); presses++) {
    await page.keyboard.press('Tab')
    reached.push(await page.evaluate<string>('document.activeElement.id'))
  }
  expect(reached).toContain('find')
  expect(await page.evaluate("document.activeElement.matches(':focus-visible')")).toBe(true)
})

it.each([0, 1, 2])(
  'runs nothing that a program wrote, asks for nothing, shows it as text (%i)',
  async (shift) => {
    let next = shift
    const write = (): string => HOSTILE[next++ % HOSTILE.length]!
    const process = rewriteTexts(makeProcess(20), write)
    const result = rewriteTexts(makeResult({ warnings: HOSTILE.map(() => 'w') }), write)
    const texts = rewriteTexts(NO_EVIDENCE_TEXTS, () => HOSTILE.join('\n'))
    const page = await show(reportHtml({ result, process, texts }))
    await page.locator('#find').fill('a')
    await page.locator('#find').fill('<img')
    expect(await page.evaluate('document.scripts.length')).toBe(1)
    expect(await page.evaluate("document.querySelectorAll('img, b b, [onerror]').length")).toBe(0)
    expect(await page.locator('#warnings').textContent()).toContain('<img src=x onerror=alert(1)>')
    expect(page.url()).toMatch(/^file:.*report\.html$/)
  },
)

describe.each([
  ['light', { dark: false }],
  ['dark', { dark: true }],
])('in %s', (_name, options) => {
  it('has text that stands out from its ground, from top to end', async () => {
    const page = await show(reportOf(makeProcess(10)), options)
    expect(await page.evaluate(WEAK_TEXTS)).toEqual([])
  })
})

describe.each([10, 2000])('on a phone, %i threads', (threads) => {
  it('is no wider than the screen, nothing hangs over its card, and text is of a readable size', async () => {
    const long = `replace github.com/${'longname'.repeat(8)} by another`
    const diagnosis = makeDiagnosis({ headline: long, advice: [{ text: long, copy: long }] })
    const result = makeResult({ diagnosis, headline: long, warnings: [long] })
    const page = await show(reportOf(makeProcess(threads), result), { width: 400, height: 800 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400)
    expect(await page.evaluate(SMALL_TEXTS)).toEqual([])
    expect(await page.evaluate(WIDE_TEXTS)).toEqual([])
    const strip = await page.locator('.strip').last().boundingBox()
    expect(strip!.width).toBeGreaterThan(300)
  })
})

/** All elements that show text of their own, outside of what is folded. */
const WITH_TEXT = `[...document.querySelectorAll('body *')].filter((element) =>
  element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))`

const SMALL_TEXTS = `${WITH_TEXT}.filter((element) => parseFloat(getComputedStyle(element).fontSize) < 11)
  .map((element) => element.textContent.trim().slice(0, 60))`

/** Cards with a text that is wider than they are. */
const WIDE_TEXTS = `[...document.querySelectorAll('.panel, .story li, .said li, dd, .headline')]
  .filter((element) => element.scrollWidth > element.clientWidth).map((element) => element.textContent.trim().slice(0, 60))`

/** Texts with less contrast than WCAG 2.2 asks of small text (1.4.3: 4.5 to 1). Only plain grounds are looked at. */
const WEAK_TEXTS = `(() => {
  const channels = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number)
  const light = (color) => channels(color).slice(0, 3)
    .map((value) => value / 255).map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0)
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor
      if ((channels(color)[3] ?? 1) > 0.5) return color
    }
    return 'rgb(255, 255, 255)'
  }
  return ${WITH_TEXT}.filter((element) => !(element instanceof SVGElement)).flatMap((element) => {
    const [one, other] = [light(getComputedStyle(element).color), light(ground(element))]
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    return contrast < 4.5 ? [contrast.toFixed(2) + ' ' + element.className + ': ' + element.textContent.trim().slice(0, 60)] : []
  })
})()`
