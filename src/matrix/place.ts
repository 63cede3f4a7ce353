import { axesOfInputs, describeValues } from './axes.js'
import type { AxisValues } from './axes.js'
import { artifactOf, cellId, slugOf } from './cells.js'
import type { Cell, CellPlan } from './cells.js'
import type { ReadResult } from './read-results.js'

/** A cell of the table and the results that were found for it. */
export interface Placed {
  readonly place: Pick<Cell, 'id' | 'slug' | 'name' | 'values'> & { readonly planned: boolean }
  readonly recordId: string
  readonly found: ReadResult[]
}

/**
 * Gives every result to its cell: by the name it was found under, else by what was asked. A result that no cell asks
 * for gets a cell of its own.
 */
export function placeResults(plan: CellPlan | null, results: readonly ReadResult[]): Placed[] {
  const placed = new Map<string, Placed>()
  const byName = new Map<string, Placed>()
  const byId = new Map<string, Placed>()
  for (const cell of plan?.cells ?? []) {
    const { recordId } = cell
    const entry: Placed = { place: { ...cell, planned: true }, recordId, found: [] }
    placed.set(cell.slug, entry)
    byName.set(cell.slug, entry).set(artifactOf(cell), entry)
    byId.set(cell.recordId, entry)
  }
  for (const result of results) {
    const named = byName.get(lastPart(result.where)) ?? byName.get(askedName(result))
    const asked = result.kind === 'result' ? axesOfInputs(result.result.asked) : null
    const right = named !== undefined && (asked === null || named.recordId === cellId(asked))
    const entry = right ? named : asked === null ? undefined : byId.get(cellId(asked))
    if (entry !== undefined) entry.found.push(result)
    else addUnplanned(placed, byId, result, asked)
  }
  return [...placed.values()]
}

function addUnplanned(
  placed: Map<string, Placed>,
  byId: Map<string, Placed>,
  result: ReadResult,
  asked: AxisValues | null,
): void {
  const values = asked ?? {}
  const id = asked === null ? result.where : cellId(asked)
  const slug = asked === null ? lastPart(result.where).replaceAll(/[^\w.-]+/g, '-') : slugOf(asked)
  const name = asked === null ? result.where : describeValues(asked)
  const unplanned = { id, slug, name, values, planned: false }
  const entry: Placed = { place: unplanned, recordId: id, found: [result] }
  placed.set(slug, entry)
  if (asked !== null) byId.set(id, entry)
}

function lastPart(where: string): string {
  return where.split('/').at(-1) ?? where
}

function askedName(result: ReadResult): string {
  return result.kind === 'result' ? (result.result.asked['artifact-name'] ?? '') : ''
}
