import { compareVersions } from 'compare-versions'
import { AXES, AXIS_NAMES, valueOf } from './axes.js'
import type { AxisName } from './axes.js'
import type { CompatCell } from './compat.js'

/** One sentence on where the faults begin and end along an axis. */
export interface Boundary {
  readonly axis: string
  readonly text: string
}

/** The decided and undecided cells at one value of an axis. */
interface Point {
  readonly value: string
  readonly bad: number
  readonly good: number
  readonly unsure: number
}

/** Axes whose values have an order, by the versions that were really there. */
const ORDERED: readonly {
  readonly title: string
  readonly value: (cell: CompatCell) => string | null
}[] = [
  { title: 'Go', value: (cell) => cell.versions?.go ?? null },
  { title: 'glibc', value: (cell) => cell.versions?.glibc ?? null },
  { title: 'libgcc at run time', value: (cell) => cell.versions?.libgcc ?? null },
]

const MEASURED: readonly AxisName[] = ['go', 'glibc', 'base-image', 'gcc']

/**
 * Where the faults begin and end on each axis that has more than one value; only what the tested cells show. Along
 * glibc and libgcc the cells with a shared libgcc and with a static one are told apart: the unwinder decides.
 * @example 'deadlocks at 2.31 (4 of 4 cells); none from 2.36 on (0 of 6)'
 */
export function findBoundaries(cells: readonly CompatCell[]): Boundary[] {
  return [...ordered(cells), ...unordered(cells)]
}

function ordered(cells: readonly CompatCell[]): Boundary[] {
  const linkages = (['shared', 'static'] as const).filter((linkage) =>
    cells.some((cell) => cell.versions?.linkage === linkage),
  )
  return ORDERED.flatMap(({ title, value }) => {
    const split = title !== 'Go' && linkages.length > 1
    const strata = split
      ? linkages.map((linkage) => ({
          axis: `${title}, ${linkage} libgcc`,
          part: cells.filter((cell) => cell.versions?.linkage === linkage),
        }))
      : [{ axis: title, part: cells }]
    return strata.flatMap(({ axis, part }) => {
      const points = pointsOf(part, value).toSorted((a, b) =>
        compareVersions(numbers(a.value), numbers(b.value)),
      )
      return points.length < 2 ? [] : [{ axis, text: describeOrdered(points, verbOf(part)) }]
    })
  })
}

function unordered(cells: readonly CompatCell[]): Boundary[] {
  return AXIS_NAMES.filter((name) => !MEASURED.includes(name)).flatMap((name) => {
    const points = pointsOf(cells, (cell) => valueOf(cell.values, name))
    if (points.length < 2) return []
    const { title, phrase } = AXES[name]
    const named = points.map((point) => ({ ...point, value: phrase(point.value) }))
    return [{ axis: title, text: describeUnordered(named, verbOf(cells)) }]
  })
}

/** Runs of neighbours that behave alike, in order. */
function describeOrdered(points: readonly Point[], verb: string): string {
  const decided = points.filter(({ bad, good }) => bad + good > 0)
  const runs: Point[][] = []
  for (const point of decided) {
    const last = runs.at(-1)
    if (last?.[0] !== undefined && last[0].bad > 0 === point.bad > 0) last.push(point)
    else runs.push([point])
  }
  const words = runs.map((run, at) => {
    const range = rangeOf(run, at === runs.length - 1 && runs.length > 1)
    return `${(run[0]?.bad ?? 0) > 0 ? `${verb} ${range}` : `none ${range}`} (${share(run)})`
  })
  return [...words, ...undecidedAt(points)].join('; ')
}

function rangeOf(run: readonly Point[], last: boolean): string {
  const [from = '', to = ''] = [run[0]?.value, run.at(-1)?.value]
  if (last && (run[0]?.bad ?? 0) === 0) return from === to ? `at ${from}` : `from ${from} on`
  return from === to ? `at ${from}` : `from ${from} to ${to}`
}

function describeUnordered(points: readonly Point[], verb: string): string {
  const list = (part: readonly Point[]): string =>
    part.map((point) => `${point.value} (${share([point])})`).join(', ')
  const bad = points.filter((point) => point.bad > 0)
  const good = points.filter((point) => point.bad === 0 && point.good > 0)
  return [
    ...(bad.length === 0 ? [] : [`${verb} with ${list(bad)}`]),
    ...(good.length === 0 ? [] : [`none with ${list(good)}`]),
    ...undecidedAt(points),
  ].join('; ')
}

/** `4 of 6 cells`: those with a fault among those decided. */
function share(points: readonly Point[]): string {
  const bad = points.reduce((sum, point) => sum + point.bad, 0)
  const all = points.reduce((sum, point) => sum + point.bad + point.good, 0)
  return `${bad} of ${all} ${all === 1 ? 'cell' : 'cells'}`
}

function undecidedAt(points: readonly Point[]): string[] {
  const open = points.filter(({ unsure }) => unsure > 0)
  if (open.length === 0) return []
  return [`undecided: ${open.map(({ value, unsure }) => `${unsure} at ${value}`).join(', ')}`]
}

function verbOf(cells: readonly CompatCell[]): string {
  const faults = cells.filter((cell) => cell.tone === 'bad')
  return faults.every(({ outcome }) => outcome === 'deadlock' || outcome === 'livelock')
    ? 'deadlocks'
    : 'fails'
}

function pointsOf(
  cells: readonly CompatCell[],
  value: (cell: CompatCell) => string | null,
): Point[] {
  const points = new Map<string, { bad: number; good: number; unsure: number }>()
  for (const cell of cells) {
    const at = value(cell)
    if (at === null) continue
    const point = points.get(at) ?? { bad: 0, good: 0, unsure: 0 }
    point[cell.tone] += 1
    points.set(at, point)
  }
  return [...points].map(([at, point]) => ({ value: at, ...point }))
}

/** The numbers at the start of a package's version: `12.2.0-14+deb12u1` → `12.2.0`. */
function numbers(version: string): string {
  return /^\d+(\.\d+)*/.exec(version)?.[0] ?? '0'
}
