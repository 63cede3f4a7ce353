import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readInputs } from '../../src/inputs/inputs.js'
import { affectedCells } from '../../src/matrix/affected.js'
import { cellId, planCells, slugOf } from '../../src/matrix/cells.js'
import { matrixEntries } from '../../src/matrix/include.js'
import { PRESETS } from '../../src/matrix/presets.js'
import type { Spec } from '../../src/matrix/spec.js'

const spec = (parts: Partial<Spec>): Spec => ({
  axes: {},
  with: {},
  include: [],
  exclude: [],
  known: [],
  ...parts,
})

describe('planCells', () => {
  it('combines the axes, takes away what is excluded and adds what is included', () => {
    const { cells, leftOut } = planCells(
      spec({
        axes: { glibc: ['2.31', '2.36'], symbolizer: ['ianlancetaylor', 'nsrip-dd'] },
        exclude: [{ glibc: ['2.36'], symbolizer: ['nsrip-dd'] }],
        include: [{ 'base-image': 'debian:sid', gcc: '11', libgcc: 'static' }],
      }),
    )
    expect(cells.map(({ name }) => name)).toEqual([
      'glibc 2.31, ianlancetaylor',
      'glibc 2.31, nsrip-dd',
      'glibc 2.36, ianlancetaylor',
      'debian:sid, gcc 11, static libgcc',
    ])
    expect(leftOut).toEqual([])
  })

  it('leaves out what can’t be had, with the reason', () => {
    const { cells, leftOut } = planCells(
      spec({ axes: { glibc: ['2.31', '2.34', '2.36'], gcc: ['10', '12'] } }),
    )
    expect(cells.map(({ name }) => name)).toEqual(['glibc 2.31, gcc 10', 'glibc 2.36, gcc 12'])
    const reasons = new Map(leftOut.map(({ name, reason }) => [name, reason]))
    expect(reasons.get('glibc 2.34, gcc 10')).toMatch(
      /almalinux:9.*can't build on.*give the result as image/,
    )
    expect(reasons.get('glibc 2.31, gcc 12')).toMatch(/gcc 12 is not to be had with glibc 2\.31/)
    expect(leftOut).toHaveLength(4)
  })

  it('takes two names of one toolchain for one cell', () => {
    const { cells, leftOut } = planCells(
      spec({
        axes: { glibc: ['2.36'], gcc: ['default', '12'] },
        include: [{ 'base-image': 'debian:bookworm' }],
      }),
    )
    expect(cells.map(({ name }) => name)).toEqual(['glibc 2.36, its own gcc'])
    expect(leftOut.map(({ reason }) => reason)).toEqual([
      'It is the same as glibc 2.36, its own gcc.',
      'It is the same as glibc 2.36, its own gcc.',
    ])
  })

  it('puts cells of one image together, under one group', () => {
    const { cells } = planCells(
      spec({ axes: { command: ['-threads 1', '-threads 2'], glibc: ['2.31', '2.36'] } }),
    )
    expect(cells.map(({ values }) => `${values.glibc ?? ''} ${values.command ?? ''}`)).toEqual([
      ...['2.31 -threads 1', '2.31 -threads 2', '2.36 -threads 1', '2.36 -threads 2'],
    ])
    expect(cells[0]?.group).toBe(cells[1]?.group)
    expect(cells[0]?.group).not.toBe(cells[2]?.group)
  })

  it('lets each cell leave a result: any outcome is expected, and the artifact has the cell’s name', () => {
    const { cells } = planCells(spec({ axes: { glibc: ['2.31'] }, with: { duration: '7s' } }))
    expect(cells[0]?.inputs).toEqual({
      'glibc-version': '2.31',
      duration: '7s',
      expect: 'any',
      'artifact-name': `cgo-deadlock-${cells[0]?.slug ?? ''}`,
    })
  })

  it('says what in a spec has no effect', () => {
    const { notes } = planCells(
      spec({
        axes: { glibc: ['2.31'] },
        exclude: [{ glibc: ['2.36'] }],
        known: [{ cells: { go: ['1.17'] }, outcome: 'deadlock', reason: 'x' }],
      }),
    )
    expect(notes).toEqual(['exclude[0] matches no combination.', 'known[0] matches no cell.'])
  })

  it('refuses a spec without a cell, and one with too many combinations', () => {
    expect(() => planCells(spec({}))).toThrow(/The spec has no cells/)
    expect(() => planCells(spec({ axes: { glibc: ['2.34'] } }))).toThrow(
      /None of the 1.*glibc 2\.34/,
    )
    const many = Array.from({ length: 101 }, (_, n) => `-threads ${n}`)
    const runners = Array.from({ length: 100 }, (_, n) => `runner-${n}`)
    expect(() => planCells(spec({ axes: { command: many, runner: runners } }))).toThrow(
      /10,100 combinations; at most 10,000/,
    )
  })
})

describe('the presets', () => {
  it.each(Object.entries(PRESETS))('%s gives cells that the action takes', (_name, preset) => {
    const { cells, notes } = planCells(preset)
    expect(cells.length).toBeGreaterThanOrEqual(5)
    expect(notes).toEqual([])
    for (const entry of matrixEntries(cells))
      expect(() => readInputs((name) => entry[name] ?? '')).not.toThrow()
  })
})

describe('a slug', () => {
  it('is readable, and tells apart what looks alike', () => {
    expect(slugOf({ go: '1.17', glibc: '2.31', libgcc: 'static' })).toMatch(
      /^go1\.17-glibc2\.31-static-libgcc-[0-9a-f]{8}$/,
    )
    expect(slugOf({ command: '-a b' })).not.toBe(slugOf({ command: '-a-b' }))
  })

  it('is legal whatever the values are', () => {
    fc.assert(
      fc.property(fc.string(), (command) => {
        expect(slugOf({ command })).toMatch(/^[a-z0-9][a-z0-9.-]{0,99}$/)
      }),
    )
  })

  it('stays when a default is written out', () => {
    expect(cellId({ glibc: '2.31', libgcc: 'shared', gcc: 'default' })).toBe(
      cellId({ glibc: '2.31' }),
    )
  })
})

describe('matrixEntries', () => {
  it('gives name, slug, runner and the inputs by name', () => {
    const { cells } = planCells(spec({ include: [{ glibc: '2.31', runner: 'ubuntu-26.04' }] }))
    expect(matrixEntries(cells)).toEqual([
      {
        name: 'glibc 2.31, ubuntu-26.04',
        slug: cells[0]?.slug,
        runner: 'ubuntu-26.04',
        group: cells[0]?.group,
        'glibc-version': '2.31',
        expect: 'any',
        'artifact-name': `cgo-deadlock-${cells[0]?.slug ?? ''}`,
      },
    ])
  })

  it('refuses more jobs than GitHub takes', () => {
    const commands = Array.from({ length: 257 }, (_, n) => `-threads ${n}`)
    expect(() => matrixEntries(planCells(spec({ axes: { command: commands } })).cells)).toThrow(
      /257 cells; GitHub takes at most 256/,
    )
  })
})

describe('affectedCells', () => {
  const { cells } = planCells(
    spec({
      include: [
        { glibc: '2.31', symbolizer: './symbolizer' },
        { glibc: '2.31', symbolizer: './other' },
        { glibc: '2.31' },
        { image: 'own:latest' },
      ],
    }),
  )
  const affected = (...paths: string[]): (string | undefined)[] =>
    affectedCells(cells, paths, { root: '/repo', spec: 'compat.yml' }).map(
      ({ values }) => values.symbolizer ?? values.image,
    )

  it('keeps the cells whose symbolizer lies in a changed folder, and images, which may hold anything', () => {
    expect(affected('symbolizer/a.c', 'README.md')).toEqual(['./symbolizer', 'own:latest'])
    expect(affected('symbolizer2/a.c')).toEqual(['own:latest'])
  })

  it('keeps all when the spec or a workflow changed', () => {
    expect(affected('compat.yml')).toHaveLength(4)
    expect(affected('.github/workflows/ci.yml')).toHaveLength(4)
  })
})
