import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compatHtml } from '../../src/matrix/html.js'
import type { Compat } from '../../src/matrix/compat.js'
import { openPage, startBrowser } from '../helpers/browser.js'
import { found, makePlan, resultOf, table } from '../helpers/matrix.js'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** Twenty toolchains with three symbolizers: known and new faults, a fixed one, one that is missing, two without evidence. */
function sample(): Compat {
  const plan = makePlan({
    axes: {
      glibc: ['2.28', '2.31', '2.35', '2.36', '2.41'],
      command: ['-threads 1', '-threads 2', '-threads 4', '-threads 8'],
      symbolizer: ['ianlancetaylor', 'nsrip-dd', 'none'],
    },
    known: [{ cells: { glibc: ['2.28'] }, outcome: 'deadlock', reason: 'libgcc 8' }],
  })
  const results = plan.cells.map((cell) => {
    const old = ['2.28', '2.31'].includes(cell.values.glibc ?? '')
    const bad = old && cell.values.symbolizer === 'ianlancetaylor'
    return found(cell, resultOf(cell, bad ? 'deadlock' : 'clean'))
  })
  const before = plan.cells.map((cell, at) =>
    found(cell, resultOf(cell, at === 1 ? 'deadlock' : 'clean')),
  )
  const baseline = { compat: table({ plan, results: before }), where: 'compat.json' }
  return table({ plan, results: results.slice(0, -1), baseline, failOn: 'any' })
}

it('is filtered by words and by kind, and a cell’s link opens its story', async () => {
  const { page, requests, complaints } = await openPage(browser, compatHtml(sample()))
  const rows = page.locator('.map tbody tr:visible')
  const all = await rows.count()
  expect(all).toBe(20)
  await page.getByRole('searchbox').pressSequentially('2.31 deadlock')
  expect(await rows.count()).toBe(4)
  expect(await page.locator('#found').textContent()).toBe('4 of 60 cells')
  await page.getByRole('searchbox').fill('')
  await page.getByRole('button', { name: 'Undecided' }).click()
  expect(await rows.count()).toBe(1)
  await page.getByRole('button', { name: 'New' }).click()
  expect(await page.locator('.map td > a:not(.away)').count()).toBe(4)

  expect(await page.locator('.cell:visible').count()).toBe(0)
  await page.locator('.map td > a:not(.away)').first().click()
  const story = page.locator('.cell:visible')
  expect(await story.count()).toBe(1)
  expect(await story.textContent()).toContain('Thread 5 threw a C++ exception')
  expect([requests, complaints]).toEqual([[], []])
  await page.close()
})

it.each([
  ['light', { width: 1280, height: 1400 }],
  ['dark', { width: 1280, height: 1400, dark: true }],
  ['phone', { width: 390, height: 1400 }],
] as const)('fits the window: %s', async (name, options) => {
  const { page, complaints } = await openPage(browser, compatHtml(sample()), options)
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  expect(overflow).toBe(0)
  expect(complaints).toEqual([])
  const folder = process.env['SCREENSHOTS']
  if (folder !== undefined) await page.screenshot({ path: join(folder, `compat-${name}.png`) })
  await page.close()
})
