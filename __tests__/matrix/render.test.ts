import { createHash } from 'node:crypto'
import { XMLParser } from 'fast-xml-parser'
import { SyntaxValidator } from 'fast-xml-validator'
import { parse } from 'parse5'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Compat } from '../../src/matrix/compat.js'
import { compatHtml } from '../../src/matrix/html.js'
import { gridOf } from '../../src/matrix/grid.js'
import { junitXml } from '../../src/matrix/junit.js'
import { compatMarkdown } from '../../src/matrix/summary.js'
import { compatText } from '../../src/matrix/terminal.js'
import { found, makePlan, resultOf, table, truth } from '../helpers/matrix.js'

const HOSTILE = '<script>alert(1)</script> "&\' ]]> \u0000\u001b[31m @everyone ::error::x'
const plan = makePlan()

/** One cell of each kind: a known fault, an unknown one, a good one, one that is missing. */
function mixed(): Compat {
  const known = makePlan({
    known: [
      {
        cells: { glibc: ['2.31'], symbolizer: ['ianlancetaylor'] },
        outcome: 'deadlock',
        reason: 'libgcc 10',
      },
    ],
  })
  const [one, , three] = truth(known)
  const second = known.cells[1]!
  return table({
    plan: known,
    results: [one!, found(second, resultOf(second, 'deadlock')), three!],
  })
}

/** A table in which every text that comes from a program or a file is hostile. */
function hostile(): Compat {
  const compat = mixed()
  return {
    ...compat,
    notes: [HOSTILE],
    leftOut: [{ name: HOSTILE, reason: HOSTILE }],
    cells: compat.cells.map((cell) => ({
      ...cell,
      name: HOSTILE,
      headline: HOSTILE,
      values: { ...cell.values, command: HOSTILE + cell.slug },
      story: [{ text: HOSTILE, rests: HOSTILE }],
      advice: [{ text: HOSTILE, copy: HOSTILE }],
      where: HOSTILE,
      unwinder: HOSTILE,
    })),
  }
}

describe('the grid', () => {
  it('has a row a toolchain and a column a symbolizer, and says once what all have in common', () => {
    const grid = gridOf(
      table({
        plan: makePlan({
          axes: { go: ['1.17'], glibc: ['2.31', '2.36'], symbolizer: ['none', 'nsrip-dd'] },
        }),
        results: [],
      }),
    )
    expect(grid.columns).toEqual(['no symbolizer', 'nsrip-dd'])
    expect(grid.rows.map(({ name }) => name)).toEqual(['glibc 2.31', 'glibc 2.36'])
    expect(grid.common).toEqual(['Go 1.17'])
    expect(grid.rows.flatMap(({ slots }) => slots).every((cells) => cells.length === 1)).toBe(true)
  })

  it('tells a base that is known from package lists only', () => {
    const listed = table({ plan: makePlan({ axes: { glibc: ['2.35', '2.36'] } }), results: [] })
    expect(gridOf(listed).rows.map(({ name, listed: one }) => [name, one])).toEqual([
      ['glibc 2.35', true],
      ['glibc 2.36', false],
    ])
  })
})

describe('compat.html', () => {
  const page = compatHtml(mixed())

  it('allows its own style and script alone, by their hashes, and loads nothing', () => {
    const hashOf = (name: string): string => {
      const text = new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(page)?.[1] ?? ''
      return `sha256-${createHash('sha256').update(text).digest('base64')}`
    }
    const policy = (/Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? '').replaceAll(
      '&apos;',
      "'",
    )
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src '${hashOf('style')}'`,
      `script-src '${hashOf('script')}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ])
    expect(page).not.toMatch(/ (src|style|onclick|onload)="|url\(|@import/)
  })

  it('links each cell of the map to its story', () => {
    for (const cell of mixed().cells) {
      expect(page).toContain(`href="#${cell.slug}"`)
      expect(page).toContain(`id="${cell.slug}"`)
    }
    expect(page).toContain('Thread 5 threw a C++ exception')
    expect(page).toContain('There is no result of this cell.')
  })

  it('holds no markup that a program wrote', () => {
    const text = compatHtml(hostile())
    expect(text.match(/<script/g)).toHaveLength(1)
    expect(text).not.toContain('alert(1)</script>')
    expect(text).not.toContain('\u001b')
    expect(() => parse(text)).not.toThrow()
  })
})

describe('junit.xml', () => {
  const Suites = z.object({
    testsuites: z.object({
      testsuite: z.object({
        '@_tests': z.string(),
        '@_failures': z.string(),
        '@_errors': z.string(),
        '@_skipped': z.string(),
        testcase: z.array(z.record(z.string(), z.unknown())),
      }),
    }),
  })
  const read = (compat: Compat): z.infer<typeof Suites>['testsuites']['testsuite'] => {
    const xml = junitXml(compat)
    expect(new SyntaxValidator().validate(xml)).toBe(true)
    const parsed: unknown = new XMLParser({ ignoreAttributes: false }).parse(xml)
    return Suites.parse(parsed).testsuites.testsuite
  }

  it('calls a fault no old one where the baseline could not be read', () => {
    const xml = junitXml(table({ baseline: 'unreadable', failOn: 'regression' }))
    expect(xml).toMatch(/errors="1"/)
    expect(xml).not.toContain('no new one')
  })

  it('has a failure for a fault, an error for what is undecided, and skips what is known', () => {
    const suite = read(mixed())
    expect(suite).toMatchObject({
      '@_tests': '4',
      '@_failures': '1',
      '@_errors': '1',
      '@_skipped': '1',
    })
    const kinds = suite.testcase.map((one) =>
      Object.keys(one).find((key) => ['failure', 'error', 'skipped'].includes(key)),
    )
    expect(kinds).toEqual(['skipped', 'failure', undefined, 'error'])
  })

  it('stays well-formed whatever a program wrote', () => {
    const suite = read(hostile())
    expect(suite.testcase).toHaveLength(4)
    // eslint-disable-next-line no-control-regex
    expect(junitXml(hostile())).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/)
  })
})

describe('the summary', () => {
  it('has verdict, boundary, what stands out and the table', () => {
    const text = compatMarkdown(mixed(), { heldBytes: 0, artifactUrl: 'https://github.com/a' })
    expect(text).toContain('## Compatibility: Fail (any fault that is not known fails)')
    expect(text).toContain('deadlocks at 2.31 (2 of 2 cells)')
    expect(text).toMatch(/\| glibc 2\.31 +\| 🔶 deadlock \(known\) \| ❌ deadlock +\|/)
    expect(text).toContain('⚠️ missing')
    expect(text).toContain('https://github.com/a')
  })

  it('lets nothing that a program wrote become a mention or markup', () => {
    const text = compatMarkdown(hostile(), { heldBytes: 0, artifactUrl: null })
    expect(text).not.toMatch(/(?<!`)@everyone(?!`)/)
    expect(text).not.toMatch(/(?<!\\)<script/)
    expect(text).not.toContain('\u001b')
  })

  it('is shortened, and says so, where it would be too long for GitHub', () => {
    const text = compatMarkdown(mixed(), { heldBytes: 1_048_576 - 16_384 - 800, artifactUrl: null })
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(800)
    expect(text).toContain('Compatibility: Fail')
    expect(text).toContain('This summary was shortened')
  })
})

it('the terminal’s text has a table in columns, and no colour unless it may', () => {
  const text = compatText(mixed(), { colour: false })
  expect(text).toMatch(/^ +ianlancetaylor +nsrip-dd$/m)
  expect(text).toMatch(/^glibc 2\.36 +clean +missing$/m)
  expect(text).not.toContain('\u001b')
  expect(compatText(mixed(), { colour: true })).toContain('\u001b')
  expect(compatText(hostile(), { colour: false })).not.toContain('\u001b')
})

it('a table of no results can be shown too', () => {
  const empty = table({ plan: null, results: [] })
  expect(compatHtml(empty)).toContain('There are no results')
  expect(compatText(empty, { colour: false })).toContain('There are no results')
  expect(new SyntaxValidator().validate(junitXml(empty))).toBe(true)
  expect(plan.cells).toHaveLength(4)
})
