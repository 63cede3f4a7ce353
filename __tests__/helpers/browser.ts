import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findOnPath } from '../../src/programs.js'
import { hostEnvironment } from './tools.js'

/** A page in a browser, with all that it did that a report must not do. */
export interface OpenPage {
  readonly page: Page
  /** Addresses asked for besides the page itself */
  readonly requests: readonly string[]
  /** Violations of the page's policy, errors of its script, dialogs */
  readonly complaints: readonly string[]
  /** Milliseconds from the call until the page was laid out and answered */
  readonly openedMs: number
}

export interface PageOptions {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
}

/** Debian's chromium without a window. Its own sandbox can't be made by root, as tests may run. */
export async function startBrowser(): Promise<Browser> {
  const [executablePath = 'chromium'] = await findOnPath('chromium', hostEnvironment())
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** Writes a page to a file and opens that, as somebody does who has downloaded an artifact. */
export async function openPage(
  browser: Browser,
  html: string,
  { width = 1280, height = 900, dark = false }: PageOptions = {},
): Promise<OpenPage> {
  const folder = await mkdtemp(join(tmpdir(), 'report-page-'))
  const address = pathToFileURL(join(folder, 'report.html')).href
  await writeFile(join(folder, 'report.html'), html)
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
  })
  page.on('close', () => void rm(folder, { recursive: true, force: true }))
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => {
    if (request.url() !== address) requests.push(request.url())
  })
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  const start = performance.now()
  await page.goto(address, { waitUntil: 'load' })
  await page.evaluate('document.body.getBoundingClientRect().height')
  return { page, requests, complaints, openedMs: performance.now() - start }
}
