import { planCells } from '../../src/matrix/cells.js'
import type { Cell, CellPlan } from '../../src/matrix/cells.js'
import type { Compat } from '../../src/matrix/compat.js'
import type { ReadResult } from '../../src/matrix/read-results.js'
import type { Spec } from '../../src/matrix/spec.js'
import { makeTable } from '../../src/matrix/table.js'
import type { TableInput } from '../../src/matrix/table.js'
import { actingInputs, readInputTexts } from '../../src/inputs/inputs.js'
import type { Result } from '../../src/result/schema.js'
import { makeCleanResult, makeResult } from './result.js'

export const NOW = new Date('2026-11-25T12:00:00Z')

/** A spec with nothing in it but the parts given. */
export function makeSpec(parts: Partial<Spec> = {}): Spec {
  return { axes: {}, with: {}, include: [], exclude: [], known: [], ...parts }
}

/** glibc 2.31 and 2.36 with two symbolizers. */
export function makePlan(parts: Partial<Spec> = {}): CellPlan {
  const axes = { glibc: ['2.31', '2.36'], symbolizer: ['ianlancetaylor', 'nsrip-dd'] }
  return planCells(makeSpec({ axes, ...parts }))
}

/** The result of a cell, as its run would have left it. */
export function resultOf(
  cell: Cell,
  outcome: 'deadlock' | 'clean' | 'inconclusive',
  toolchain: Partial<NonNullable<Result['toolchain']>> = {},
): Result {
  const make = outcome === 'deadlock' ? makeResult : makeCleanResult
  const base = make()
  const glibc = cell.values.glibc ?? '2.41'
  return {
    ...base,
    outcome,
    asked: actingInputs(readInputTexts((name) => cell.inputs[name] ?? '')),
    toolchain: {
      ...base.toolchain!,
      glibc,
      unwinder: {
        linkage: cell.values.libgcc === 'static' ? 'static' : 'shared',
        version: glibc === '2.31' ? '10.2.1-6' : '12.2.0-14+deb12u1',
        lookup: glibc === '2.31' ? 'dl_iterate_phdr' : '_dl_find_object',
      },
      ...toolchain,
    },
  }
}

export function found(cell: Cell, result: Result): ReadResult {
  return { kind: 'result', where: cell.slug, result }
}

/** Ground truth: glibc 2.31 deadlocks, but not with nsrip-dd. */
export function truth(plan: CellPlan): ReadResult[] {
  return plan.cells.map((cell) => {
    const bad = cell.values.glibc === '2.31' && cell.values.symbolizer !== 'nsrip-dd'
    return found(cell, resultOf(cell, bad ? 'deadlock' : 'clean'))
  })
}

export function table(parts: Partial<TableInput> = {}): Compat {
  const plan = parts.plan === undefined ? makePlan() : parts.plan
  const results = parts.results ?? (plan === null ? [] : truth(plan))
  return makeTable({ plan, results, baseline: null, failOn: 'any', now: NOW, ...parts })
}
