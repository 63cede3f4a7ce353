import { describe, expect, it } from 'vitest'
import { actingInputs, readInputTexts } from '../../src/inputs/inputs.js'
import { planCells } from '../../src/matrix/cells.js'
import { Compat } from '../../src/matrix/compat.js'
import { compatFiles } from '../../src/matrix/files.js'
import { readCompat, readResult } from '../../src/matrix/read-results.js'
import { compatMarkdown } from '../../src/matrix/summary.js'
import { makePlan, found, makeSpec, NOW, resultOf, table, truth } from '../helpers/matrix.js'
import { makeResult } from '../helpers/result.js'

const plan = makePlan()
const [bad, safe] = [plan.cells[0]!, plan.cells[1]!]

describe('a table of results', () => {
  it('gives each cell its outcome, and fails on a fault that is not known', () => {
    const compat = table()
    expect(compat.cells.map(({ name, outcome, tone }) => [name, outcome, tone])).toEqual([
      ['glibc 2.31, ianlancetaylor', 'deadlock', 'bad'],
      ['glibc 2.31, nsrip-dd', 'clean', 'good'],
      ['glibc 2.36, ianlancetaylor', 'clean', 'good'],
      ['glibc 2.36, nsrip-dd', 'clean', 'good'],
    ])
    expect(compat.conclusion).toBe('fail')
    expect(compat.headline).toBe('3 of 4 cells are free of faults, 1 has one.')
    expect(compat.cells[0]?.story.length).toBeGreaterThan(0)
    expect(compat.cells[0]?.unwinder).toBe('shared libgcc 10.2.1-6 (dl_iterate_phdr)')
    expect(compat.cells[0]?.evidence).toBe('run')
  })

  it('passes when nothing is at fault, and never claims more than it has seen', () => {
    const compat = table({
      results: plan.cells.map((cell) => found(cell, resultOf(cell, 'clean'))),
    })
    expect([compat.conclusion, compat.headline]).toEqual([
      'pass',
      'All 4 cells are free of faults.',
    ])
    expect(table({ plan: null, results: [] }).conclusion).toBe('neither')
  })

  it.each([
    ['missing', []],
    ['missing', [readResult({ where: bad.slug, content: { error: 'The build failed.' } })]],
    ['damaged', [readResult({ where: bad.slug, content: { text: '{"schemaVersion": 1, ' } })]],
    ['damaged', [readResult({ where: bad.slug, content: { text: '{"schemaVersion": 1}' } })]],
    ['newer', [readResult({ where: bad.slug, content: { text: '{"schemaVersion": 2}' } })]],
    ['duplicate', [found(bad, resultOf(bad, 'clean')), found(bad, resultOf(bad, 'clean'))]],
    ['undecided', [found(bad, resultOf(bad, 'inconclusive'))]],
  ] as const)('shows a %s result as such, and does not pass', (state, results) => {
    const others = truth(plan).filter(({ where }) => where !== bad.slug)
    for (const failOn of ['any', 'regression'] as const) {
      const compat = table({ results: [...results, ...others], failOn })
      expect(compat.cells[0]).toMatchObject({ state, tone: 'unsure' })
      expect(compat.cells[0]?.headline).not.toBe('')
      expect(compat.conclusion).toBe('neither')
    }
  })

  it('says why a result is missing or can’t be read', () => {
    const says = (content: { text: string } | { error: string }): string | undefined =>
      table({ results: [readResult({ where: bad.slug, content })] }).cells[0]?.headline
    expect(says({ error: 'The build failed.' })).toContain('The build failed.')
    expect(says({ text: '{"schemaVersion": 2}' })).toContain('schema version 2')
    expect(says({ text: '{"schemaVersion": 1}' })).toMatch(/It is no result: tool: /)
  })

  it('finds the cell of a result by what was asked, whatever it is called', () => {
    const results = truth(plan).map((one, at) => ({ ...one, where: `download-${at}` }))
    const nameless = results.map((one) =>
      one.kind === 'result'
        ? { ...one, result: { ...one.result, asked: { ...one.result.asked, 'artifact-name': '' } } }
        : one,
    )
    expect(table({ results: nameless }).cells.map(({ state }) => state)).toEqual([
      ...['decided', 'decided', 'decided', 'decided'],
    ])
  })

  it('does not take the result of another toolchain for a cell’s, though its name says so', () => {
    const other = {
      ...resultOf(safe, 'clean'),
      asked: actingInputs(readInputTexts((name) => (name === 'go-version' ? '1.19' : ''))),
    }
    const compat = table({ results: [found(bad, other)] })
    expect(compat.cells[0]?.state).toBe('missing')
    expect(compat.cells.at(-1)).toMatchObject({ name: 'Go 1.19', planned: false, state: 'decided' })
  })

  it('tells cells apart that differ only in the runner, by the name of the result', () => {
    const two = planCells(makeSpec({ axes: { runner: ['ubuntu-24.04', 'ubuntu-26.04'] } }))
    const results = two.cells.map((cell, at) =>
      found(cell, resultOf(cell, at === 0 ? 'clean' : 'deadlock')),
    )
    const compat = table({ plan: two, results })
    expect(compat.cells.map(({ outcome }) => outcome)).toEqual(['clean', 'deadlock'])
  })

  it('makes cells of the results alone where there is no spec', () => {
    const compat = table({ plan: null, results: truth(plan) })
    expect(compat.cells.map(({ outcome }) => outcome)).toEqual([
      'deadlock',
      'clean',
      'clean',
      'clean',
    ])
  })

  it('is valid by its own schema and can be read again', () => {
    const compat = table()
    expect(Compat.parse(JSON.parse(JSON.stringify(compat)))).toEqual(compat)
    expect(readCompat(compatFiles(compat)['compat.json'] ?? '')).toEqual(compat)
    expect(readCompat('{"schemaVersion": 7}')).toEqual({
      reason: expect.stringMatching(/version 7/) as string,
    })
    expect(readCompat('no')).toHaveProperty('reason')
  })
})

describe('what is known of a cell', () => {
  const known = (outcome: 'deadlock' | 'clean', expires?: string): ReturnType<typeof table> =>
    table({
      plan: makePlan({
        known: [
          {
            cells: { glibc: ['2.31'], symbolizer: ['ianlancetaylor'] },
            outcome,
            reason: 'libgcc 10',
            ...(expires === undefined ? {} : { expires }),
          },
        ],
      }),
    })

  it('excuses a fault, as long as its day has not passed', () => {
    expect(known('deadlock').conclusion).toBe('pass')
    expect(known('deadlock', '2026-11-25').conclusion).toBe('pass')
    const late = known('deadlock', '2026-11-24')
    expect([late.conclusion, late.cells[0]?.known?.state]).toEqual(['fail', 'expired'])
  })

  it('does not excuse another fault', () => {
    const compat = known('clean')
    expect([compat.conclusion, compat.cells[0]?.known?.state]).toEqual(['fail', 'other'])
  })

  it('says when it is not so any more, and counts a livelock of the same bug as the deadlock', () => {
    const parts = makePlan({
      known: [{ cells: { glibc: ['2.31'] }, outcome: 'deadlock', reason: 'libgcc 10' }],
    })
    const livelock = makeResult({ ...resultOf(bad, 'deadlock'), outcome: 'livelock' })
    const compat = table({
      plan: parts,
      results: [found(bad, livelock), ...truth(plan).slice(1)],
    })
    expect(compat.cells.slice(0, 2).map(({ known: one }) => one?.state)).toEqual([
      'as-known',
      'gone',
    ])
    expect(compat.conclusion).toBe('pass')
  })
})

describe('against a baseline', () => {
  const clean = plan.cells.map((cell) => found(cell, resultOf(cell, 'clean')))
  const before = (results = truth(plan)): { compat: Compat; where: string } => ({
    compat: table({ results }),
    where: 'compat.json',
  })

  it('names what newly deadlocks and fails on it', () => {
    const compat = table({ baseline: before(clean), failOn: 'regression' })
    expect(compat.cells.map(({ change }) => change)).toEqual(['regression', 'none', 'none', 'none'])
    expect(compat.conclusion).toBe('fail')
    expect(compat.headline).toContain('1 has one (1 new)')
  })

  it('passes on a fault that was there before, unless any fault fails', () => {
    expect(table({ baseline: before(), failOn: 'regression' }).conclusion).toBe('pass')
    expect(table({ baseline: before(), failOn: 'any' }).conclusion).toBe('fail')
    expect(table({ baseline: before(), failOn: 'never' }).conclusion).toBe('pass')
  })

  it('names what was fixed', () => {
    const compat = table({ results: clean, baseline: before(), failOn: 'regression' })
    expect(compat.cells[0]).toMatchObject({ change: 'fixed', before: { outcome: 'deadlock' } })
  })

  it('calls nothing a regression that the baseline did not decide', () => {
    const compat = table({ baseline: before(clean.slice(1)), failOn: 'regression' })
    expect(compat.cells[0]?.change).toBe('new')
    expect(compat.conclusion).toBe('pass')
  })

  it('can’t pass on a fault, and can without one, when there is a baseline that nobody could read', () => {
    const lost = table({ baseline: 'unreadable', failOn: 'regression' })
    expect([lost.conclusion, lost.baseline, lost.cells[0]?.change]).toEqual([
      ...['neither', null, 'unknown'],
    ])
    expect(lost.headline).toMatch(/1 has one\. What of that is new can’t be said/)
    expect(table({ baseline: 'unreadable', failOn: 'any' }).conclusion).toBe('fail')
    expect(table({ baseline: 'unreadable', failOn: 'never' }).conclusion).toBe('pass')
    const sound = table({ results: clean, baseline: 'unreadable', failOn: 'regression' })
    expect([sound.conclusion, sound.headline]).toEqual(['pass', 'All 4 cells are free of faults.'])
  })

  it('fails when the leave of a known fault has run out', () => {
    const excused = makePlan({
      known: [
        { cells: { glibc: ['2.31'] }, outcome: 'deadlock', reason: 'x', expires: '2026-11-01' },
      ],
    })
    expect(table({ plan: excused, baseline: before(), failOn: 'regression' }).conclusion).toBe(
      'fail',
    )
  })

  it('names the versions that came although the same was asked', () => {
    const moved = truth(plan)
    moved[2] = found(plan.cells[2]!, resultOf(plan.cells[2]!, 'clean', { go: '1.27.5' }))
    const compat = table({ results: moved, baseline: before() })
    expect(compat.cells[2]?.drift).toEqual([{ what: 'go', before: '1.17.13', now: '1.27.5' }])
    expect(compat.cells[3]?.drift).toEqual([])
  })

  it('says which cells of the baseline are gone', () => {
    const one = makePlan({ exclude: [{ glibc: ['2.36'] }] })
    expect(table({ plan: one, baseline: before() }).notes).toEqual([
      'The baseline has a cell that is not here any more: glibc 2.36, ianlancetaylor.',
      'The baseline has a cell that is not here any more: glibc 2.36, nsrip-dd.',
    ])
  })
})

// CPU time, since the machine may be busy with other things.
it('makes a table of 2,000 cells, with all its reports, within 2 s', () => {
  const commands = Array.from({ length: 500 }, (_, n) => `-threads ${n}`)
  const many = makePlan({
    axes: {
      glibc: ['2.31', '2.36'],
      symbolizer: ['ianlancetaylor', 'nsrip-dd'],
      command: commands,
    },
  })
  expect(many.cells).toHaveLength(2000)
  const texts = truth(many).map((one) => ({
    where: one.where,
    content: { text: JSON.stringify(one.kind === 'result' ? one.result : null) },
  }))
  const start = process.cpuUsage()
  const compat = table({ plan: many, results: texts.map(readResult), now: NOW })
  const files = compatFiles(compat)
  const summary = compatMarkdown(compat, { heldBytes: 0, artifactUrl: null })
  const { user, system } = process.cpuUsage(start)
  expect(compat.cells.filter(({ tone }) => tone === 'bad')).toHaveLength(500)
  expect(files['compat.html']).toContain('-threads 499')
  expect(Buffer.byteLength(summary)).toBeLessThan(1_048_576)
  expect((user + system) / 1e6).toBeLessThan(2)
})
