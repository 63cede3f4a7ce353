import { expect, it } from 'vitest'
import { findBoundaries } from '../../src/matrix/boundary.js'
import { planCells } from '../../src/matrix/cells.js'
import { found, makeSpec, resultOf, table } from '../helpers/matrix.js'
import type { CompatCell } from '../../src/matrix/compat.js'

interface Sample {
  readonly glibc: string
  readonly libgcc?: string
  readonly linkage?: 'shared' | 'static'
  readonly go?: string
  readonly symbolizer?: string
  readonly outcome: 'deadlock' | 'clean' | 'inconclusive' | 'crash'
}

function cells(samples: readonly Sample[]): CompatCell[] {
  return samples.map((sample, at): CompatCell => {
    const tone = { deadlock: 'bad', crash: 'bad', clean: 'good', inconclusive: 'unsure' } as const
    return {
      ...table().cells[0]!,
      slug: String(at),
      values: sample.symbolizer === undefined ? {} : { symbolizer: sample.symbolizer },
      tone: tone[sample.outcome],
      outcome: sample.outcome,
      versions: {
        ...{ go: sample.go ?? '1.27.4', glibc: sample.glibc, gcc: '10' },
        ...{ libgcc: sample.libgcc ?? null, linkage: sample.linkage ?? 'shared' },
        ...{ 'libstdc++': null, symbolizer: null, distribution: null },
      },
    }
  })
}

const texts = (samples: readonly Sample[]): string[] =>
  findBoundaries(cells(samples)).map(({ axis, text }) => `${axis}: ${text}`)

it('names the last version that deadlocks and the first that does not, and no version that was not tested', () => {
  const samples: Sample[] = [
    { glibc: '2.41', outcome: 'clean' },
    { glibc: '2.31', outcome: 'deadlock' },
    { glibc: '2.36', outcome: 'clean' },
  ]
  expect(texts(samples)).toEqual([
    'glibc: deadlocks at 2.31 (1 of 1 cell); none from 2.36 on (0 of 2 cells)',
  ])
  expect(texts([...samples, { glibc: '2.28', outcome: 'deadlock' }])).toEqual([
    'glibc: deadlocks from 2.28 to 2.31 (2 of 2 cells); none from 2.36 on (0 of 2 cells)',
  ])
})

it('tells static from shared, since the unwinder decides and not the C library', () => {
  expect(
    texts([
      { glibc: '2.31', libgcc: '10.2.1-6', outcome: 'deadlock' },
      { glibc: '2.36', libgcc: '12.2.0-14+deb12u1', outcome: 'clean' },
      { glibc: '2.36', libgcc: '11.3.0', linkage: 'static', outcome: 'deadlock' },
      { glibc: '2.43', libgcc: '11.5.0', linkage: 'static', outcome: 'deadlock' },
      { glibc: '2.43', libgcc: '12.5.0', linkage: 'static', outcome: 'clean' },
    ]),
  ).toEqual([
    'glibc, shared libgcc: deadlocks at 2.31 (1 of 1 cell); none at 2.36 (0 of 1 cell)',
    'glibc, static libgcc: deadlocks from 2.36 to 2.43 (2 of 3 cells)',
    'libgcc at run time, shared libgcc: deadlocks at 10.2.1-6 (1 of 1 cell); none at 12.2.0-14+deb12u1 (0 of 1 cell)',
    'libgcc at run time, static libgcc: deadlocks from 11.3.0 to 11.5.0 (2 of 2 cells); none at 12.5.0 (0 of 1 cell)',
  ])
})

it('draws no line where there is none, and says what is undecided', () => {
  expect(
    texts([
      { glibc: '2.31', outcome: 'clean' },
      { glibc: '2.36', outcome: 'deadlock' },
      { glibc: '2.41', outcome: 'clean' },
      { glibc: '2.43', outcome: 'inconclusive' },
    ]),
  ).toEqual([
    'glibc: none at 2.31 (0 of 1 cell); deadlocks at 2.36 (1 of 1 cell); none at 2.41 (0 of 1 cell); undecided: 1 at 2.43',
  ])
})

it('says fails where a fault is no deadlock', () => {
  expect(
    texts([
      { glibc: '2.31', outcome: 'crash' },
      { glibc: '2.36', outcome: 'deadlock' },
    ]),
  ).toEqual(['glibc: fails from 2.31 to 2.36 (2 of 2 cells)'])
})

it('orders versions as numbers', () => {
  expect(
    texts([
      { glibc: '2.31', go: '1.9.7', outcome: 'deadlock' },
      { glibc: '2.31', go: '1.27.4', outcome: 'clean' },
      { glibc: '2.31', go: '1.15.15', outcome: 'deadlock' },
    ]),
  ).toEqual(['Go: deadlocks from 1.9.7 to 1.15.15 (2 of 2 cells); none at 1.27.4 (0 of 1 cell)'])
})

it('lists the values of an axis without an order', () => {
  const plan = planCells(
    makeSpec({ axes: { glibc: ['2.31'], symbolizer: ['ianlancetaylor', 'nsrip-dd', 'none'] } }),
  )
  const results = plan.cells.map((cell, at) =>
    found(cell, resultOf(cell, at === 0 ? 'deadlock' : 'clean')),
  )
  expect(table({ plan, results }).boundaries).toEqual([
    {
      axis: 'Symbolizer',
      text: 'deadlocks with ianlancetaylor (1 of 1 cell); none with nsrip-dd (0 of 1 cell), no symbolizer (0 of 1 cell)',
    },
  ])
})
