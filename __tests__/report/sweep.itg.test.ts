import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { reportHtml } from '../../src/report/html.js'
import { NO_EVIDENCE_TEXTS } from '../../src/report/types.js'
import { type OpenPage, openPage, type PageOptions, startBrowser } from '../helpers/browser.js'
import { makeMap, makeSweptResult, readSwept } from '../helpers/swept.js'

const deadlock = readSwept('deadlock-glibc-2.31')
/** The way is real, the map on it is not measured. */
const mapped = { ...deadlock, map: makeMap(deadlock) }
const html = reportHtml({
  result: makeSweptResult(mapped),
  process: null,
  texts: NO_EVIDENCE_TEXTS,
})

let browser: Browser
let open: OpenPage | undefined

beforeAll(async () => {
  browser = await startBrowser()
})
afterEach(async () => {
  const { requests, complaints } = open ?? { requests: [], complaints: [] }
  await open?.page.close()
  open = undefined
  expect(requests).toEqual([])
  expect(complaints).toEqual([])
})
afterAll(() => browser.close())

async function show(options?: PageOptions): Promise<Page> {
  open = await openPage(browser, html, options)
  return open.page
}

const shownTip = (page: Page): Promise<string[]> =>
  page.locator('svg.throw .tip:visible text').allTextContents()

const lockCall = 'Steps 237–268: pthread_mutex_lock'

describe('the strip of a sweep', () => {
  it('says what a piece is when one points at it', async () => {
    const page = await show()
    const piece = page.locator('svg.throw .at', { hasText: lockCall }).locator('rect')
    await piece.hover({ position: { x: 3, y: 10 } })
    expect(await shownTip(page)).toEqual([lockCall, 'libpthread-2.31.so from 0xa760'])
  })

  it.each([true, false])('says it when one taps it, scripts on: %s', async (javaScriptEnabled) => {
    const context = await browser.newContext({ javaScriptEnabled, hasTouch: true })
    const page = await context.newPage()
    await page.setContent(html)
    const piece = page.locator('svg.throw .at', { hasText: lockCall }).locator('rect')
    await piece.tap({ position: { x: 3, y: 10 } })
    expect(await shownTip(page)).toContain(lockCall)
    await context.close()
  })

  it('is one stop of the tab key, from which the arrow keys go on', async () => {
    const page = await show()
    const stop = page.locator('svg.throw .at[tabindex="0"]')
    expect(await stop.count()).toBe(1)
    await stop.focus()
    expect((await shownTip(page))[0]).toMatch(/^Steps 256–264: deadlock by SIGPROF/)
    await page.keyboard.press('ArrowDown')
    expect((await shownTip(page))[0]).toMatch(/^Steps 2,283–2,291: deadlock/)
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowLeft')
    expect((await shownTip(page))[0]).toBe(lockCall)
    await page.keyboard.press('End')
    expect((await shownTip(page))[0]).toMatch(/^Steps? .*10,712/)
    expect(await stop.count()).toBe(1)
  })

  it('opens a deadly place by a click on its mark, and by Enter', async () => {
    const page = await show()
    const opened = page.locator('.swept details[open]')
    expect(await opened.count()).toBe(0)
    await page.locator('svg.throw .mark').nth(1).locator('path').click()
    await opened.getByText('where the signal came').waitFor()
    expect(await opened.locator('summary').textContent()).toContain('Steps 2,283–2,291')
    expect(await opened.textContent()).toMatch(/asleep in futex\(0x[0-9a-f]+\)/)
    await page.locator('svg.throw .at[tabindex="0"]').focus()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    expect(await opened.count()).toBe(2)
  })

  it('can have its deadly places reached by the tab key without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.setContent(html)
    await page.locator('svg.throw .mark').first().focus()
    expect((await shownTip(page))[0]).toMatch(/^Steps 256–264/)
    await page.keyboard.press('Tab')
    expect((await shownTip(page))[0]).toMatch(/^Steps 2,283/)
    await context.close()
  })

  it.each([400, 1280])(
    'lies inside a page of %d pixels, with no number over another',
    async (width) => {
      const page = await show({ width })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      const boxes = await page.locator('svg.throw .soft:visible, svg.throw .name:visible').all()
      const rects = await Promise.all(boxes.map((box) => box.boundingBox()))
      for (const [index, one] of rects.entries()) {
        for (const other of rects.slice(index + 1)) {
          const apart =
            one!.x + one!.width <= other!.x ||
            other!.x + other!.width <= one!.x ||
            one!.y + one!.height <= other!.y + 1 ||
            other!.y + other!.height <= one!.y + 1
          expect(apart).toBe(true)
        }
      }
    },
  )

  it.each([true, false])(
    'shows its files apart from each other and from what is deadly, dark: %s',
    async (dark) => {
      const page = await show({ dark })
      const fills = await page.evaluate<string[]>(
        `['f0','f1','f2','f3','f4','f5','deadly'].map((name) => getComputedStyle(document.querySelector('svg.throw .at rect.' + name)).fill)`,
      )
      expect(new Set(fills).size).toBe(7)
    },
  )
})
