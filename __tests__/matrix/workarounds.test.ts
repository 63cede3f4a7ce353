import { describe, expect, it } from 'vitest'
import { compatMarkdown } from '../../src/matrix/summary.js'
import type { Cell } from '../../src/matrix/cells.js'
import type { Compat, CompatCell } from '../../src/matrix/compat.js'
import { compatHtml } from '../../src/matrix/html.js'
import { compatText } from '../../src/matrix/terminal.js'
import { GUARD_LINES } from '../../src/mitigation/lines.js'
import type { Mitigation } from '../../src/mitigation/schema.js'
import type { Result } from '../../src/result/schema.js'
import { found, makePlan, resultOf, table } from '../helpers/matrix.js'

const AXES = {
  glibc: ['2.31', '2.36'],
  symbolizer: ['ianlancetaylor', 'nsrip-dd'],
  mitigation: ['none', 'guard'],
}

/** Throws in 10 s, by what a cell runs with. */
const THROWS = { guard: 6_100_000, 'nsrip-dd': 10_000_000, ianlancetaylor: 9_000_000 }

/** Ground truth with the guard: on 2.31 it holds, on 2.36 it is of no use. */
function resultFor(cell: Cell, state: Mitigation['state'] = 'in-force'): Result {
  const { glibc, symbolizer = 'ianlancetaylor', mitigation = 'none' } = cell.values
  const old = glibc === '2.31'
  const bad = old && symbolizer === 'ianlancetaylor' && mitigation === 'none'
  const base = resultOf(cell, bad ? 'deadlock' : 'clean', {
    symbolizer: { module: symbolizer, version: 'v1' },
  })
  const throws = THROWS[(mitigation === 'guard' ? 'guard' : symbolizer) as keyof typeof THROWS]
  return {
    ...base,
    outcome: state === 'absent' && mitigation === 'guard' ? 'inconclusive' : base.outcome,
    mitigation:
      mitigation === 'none'
        ? null
        : { name: 'guard', state: old ? state : 'idle', evidence: ['Seen so.'] },
    counts: { ...base.counts, seconds: bad ? 0.4 : 10, throws: bad ? 40_000 : throws },
  }
}

function made(state?: Mitigation['state']): Compat {
  const plan = makePlan({ axes: AXES })
  return table({ plan, results: plan.cells.map((cell) => found(cell, resultFor(cell, state))) })
}

function faultyOf({ cells }: Compat): CompatCell {
  const faulty = cells.filter(({ tone }) => tone === 'bad')
  expect(faulty).toHaveLength(1)
  return faulty[0]!
}

describe('workarounds of a matrix', () => {
  it('sums up each way out that its cells tried: whether it held, was in force, and what it costs', () => {
    expect(made().workarounds).toEqual([
      { by: 'the guard', held: 1, failed: 0, open: 0, speed: 0.61, speedCells: 1 },
      { by: 'nsrip-dd', held: 1, failed: 0, open: 0, speed: 1, speedCells: 1 },
      { by: 'glibc 2.36', held: 1, failed: 0, open: 0, speed: 0.9, speedCells: 1 },
    ])
  })

  it('advises the cheapest that held on a faulty cell before all else', () => {
    const [first] = faultyOf(made()).advice
    expect(first?.text).toBe(
      'Proven on this very toolchain: with nsrip-dd the outcome is clean, at 100 % of the throws per second. Also held: glibc 2.36; the guard.',
    )
    expect(first?.copy).toContain('nsrip-dd/cgotraceback')
  })

  it('gives the lines of the guard where that alone held', () => {
    const plan = makePlan({ axes: { ...AXES, glibc: ['2.31'], symbolizer: ['ianlancetaylor'] } })
    const results = plan.cells.map((cell) => found(cell, resultFor(cell)))
    const compat = table({ plan, results })
    // Nothing on this toolchain ran long enough without it.
    expect(compat.workarounds).toMatchObject([{ by: 'the guard', held: 1, speed: null }])
    expect(faultyOf(compat).advice[0]?.copy).toBe(GUARD_LINES)
  })

  it('counts a guard that was not in force neither as held nor as failed', () => {
    const compat = made('absent')
    expect(compat.workarounds[0]).toMatchObject({
      by: 'the guard',
      held: 0,
      failed: 0,
      open: 1,
    })
    expect(faultyOf(compat).advice[0]?.text).not.toContain('the guard')
  })

  it('counts a fault with the guard in force as failed', () => {
    const plan = makePlan({ axes: { ...AXES, glibc: ['2.31'], symbolizer: ['ianlancetaylor'] } })
    const results = plan.cells.map((cell) =>
      found(cell, { ...resultFor(cell), outcome: 'deadlock' }),
    )
    expect(table({ plan, results }).workarounds).toMatchObject([
      { by: 'the guard', held: 0, failed: 1, open: 0, speed: null },
    ])
  })

  it('is shown in every form of the table, with marks on the cells', () => {
    const compat = made()
    const markdown = compatMarkdown(compat, { heldBytes: 0, artifactUrl: null })
    for (const text of [markdown, compatHtml(compat), compatText(compat, { colour: false })]) {
      expect(text).toContain('Ways out that were tried')
      expect(text.replaceAll(/\s+/g, ' ')).toMatch(
        /held in 1 of 1 cell, in force in each; 61 % of the throws per second/,
      )
      expect(text).toContain('in force')
      expect(text).toContain('of no use here')
    }
  })
})
