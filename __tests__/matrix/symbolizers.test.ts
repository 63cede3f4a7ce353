import { describe, expect, it } from 'vitest'
import type { Compat } from '../../src/matrix/compat.js'
import { compatHtml } from '../../src/matrix/html.js'
import { compatMarkdown } from '../../src/matrix/summary.js'
import { compatText } from '../../src/matrix/terminal.js'
import type { Result } from '../../src/result/schema.js'
import type { Traceback } from '../../src/traceback/schema.js'
import { found, makePlan, resultOf, table } from '../helpers/matrix.js'

const SEES: Traceback = {
  made: 100,
  frames: 500,
  microseconds: 12,
  samples: 100,
  named: 90,
  names: ['spin_inner', 'spin_outer'],
}
const BLIND: Traceback = { ...SEES, frames: 100, microseconds: 0.5, named: 0, names: [] }
const LOOKS: Record<string, Traceback | null> = {
  ianlancetaylor: SEES,
  'nsrip-dd': { ...SEES, microseconds: 2 },
  './blind': BLIND,
  none: null,
}
/** Throws in 10 s. */
const THROWS: Record<string, number> = {
  ianlancetaylor: 6_000_000,
  'nsrip-dd': 9_000_000,
  './blind': 9_900_000,
  none: 10_000_000,
}

function made(symbolizers = Object.keys(LOOKS), glibc = ['2.31', '2.36']): Compat {
  const plan = makePlan({ axes: { glibc, symbolizer: symbolizers } })
  const results = plan.cells.map((cell) => {
    const { symbolizer = 'ianlancetaylor' } = cell.values
    const bad = cell.values.glibc === '2.31' && symbolizer === 'ianlancetaylor'
    const base = resultOf(cell, bad ? 'deadlock' : 'clean', {
      symbolizer: symbolizer === 'none' ? null : { module: symbolizer, version: 'v1' },
    })
    const result: Result = {
      ...base,
      traceback: LOOKS[symbolizer] ?? null,
      counts: { ...base.counts, seconds: bad ? 0.3 : 10, throws: THROWS[symbolizer] ?? null },
    }
    return found(cell, result)
  })
  return table({ plan, results })
}

describe('symbolizers side by side', () => {
  it('has of each what became of it, whether it unwinds, and what it costs against none', () => {
    const rows = new Map(made().symbolizers.map((row) => [row.symbolizer, row]))
    expect(rows.get('ianlancetaylor')).toMatchObject({
      ...{ cells: 2, faults: 1, undecided: 0, unwinds: 2, blind: 0, frames: 5, microseconds: 12 },
      ...{ names: ['spin_inner', 'spin_outer'], speed: 0.6, speedCells: 1 },
    })
    expect(rows.get('nsrip-dd')).toMatchObject({ faults: 0, unwinds: 2, speed: 0.9, speedCells: 2 })
    expect(rows.get('./blind')).toMatchObject({ faults: 0, unwinds: 0, blind: 2, names: [] })
    expect(rows.get('no symbolizer')).toMatchObject({
      faults: 0,
      unwinds: 0,
      blind: 0,
      speed: null,
    })
  })

  it('compares them only on toolchains that more than one ran on', () => {
    expect(made(['ianlancetaylor']).symbolizers).toEqual([])
    const plan = makePlan({
      axes: { glibc: ['2.36'], symbolizer: ['ianlancetaylor'] },
      include: [{ glibc: '2.31', symbolizer: 'nsrip-dd' }],
    })
    expect(plan.cells).toHaveLength(2)
    const rows = table({
      plan: null,
      results: plan.cells.map((cell) => found(cell, resultOf(cell, 'clean'))),
    }).symbolizers
    expect(rows).toEqual([])
  })

  it('marks a cell that is safe because its symbolizer does nothing', () => {
    const blind = made().cells.filter(({ values }) => values['symbolizer'] === './blind')
    expect(blind.map(({ traceback }) => traceback)).toEqual([BLIND, BLIND])
    expect(compatText(made(), { colour: false })).toContain('clean (unwinds nothing)')
    expect(compatText(made(['ianlancetaylor', 'nsrip-dd']), { colour: false })).not.toContain(
      'unwinds nothing',
    )
  })

  it('advises a symbolizer that still sees something before one that does not', () => {
    const faulty = made().cells.find(({ tone }) => tone === 'bad')!
    const [first] = faulty.advice
    expect(first?.text).toMatch(
      /^Proven on this very toolchain: with nsrip-dd the outcome is clean, at 90 % of the throws per second\. Also held: /,
    )
    const rest = made(['ianlancetaylor', './blind', 'none'], ['2.31'])
    const [only] = rest.cells.find(({ tone }) => tone === 'bad')!.advice
    expect(only?.text).toContain('The profile then has no frames of C++ any more.')
  })

  it.each([
    ['the page', (compat: Compat) => compatHtml(compat).replaceAll(/<[^>]*>/g, ' ')],
    [
      'the summary',
      (compat: Compat) => compatMarkdown(compat, { heldBytes: 0, artifactUrl: null }),
    ],
    ['the terminal', (compat: Compat) => compatText(compat, { colour: false })],
  ])('is a table on %s', (_where, show) => {
    const text = show(made())
      .replaceAll(/[\s|]+/g, ' ')
      .replaceAll('\\_', '_')
    expect(text).toContain('Symbolizers side by side')
    expect(text).toContain('Throws per second, against none')
    expect(text).toContain('ianlancetaylor 1 of 2 yes 5.0 12 µs spin_inner, spin_outer 60 %')
    expect(text).toMatch(/\.\/blind 0 of 2 no 1\.0 0\.5 µs (– )?99 %/)
    expect(show(made(['ianlancetaylor']))).not.toContain('side by side')
  })
})
