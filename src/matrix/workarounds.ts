import { groupBy } from '../report/group-by.js'
import { AXES, keyWithout, valueOf } from './axes.js'
import type { AxisName } from './axes.js'
import type { CompatCell, Workaround } from './compat.js'
import { findRates, median, rateOf, toolchainKey } from './rates.js'
import { isBlind } from './words.js'
import { workaroundLines } from './workaround-lines.js'

/** Axes that a person could take another way on; those of one group are one way. */
const WAYS: readonly (readonly AxisName[])[] = [
  ['mitigation'],
  ['symbolizer'],
  ['libgcc'],
  ['gcc'],
  ['glibc', 'base-image'],
]

/** A cell with a fault, and one that differs from it in one way alone. */
export interface Attempt {
  readonly faulty: CompatCell
  readonly other: CompatCell
  /** What is different, in words */
  readonly by: string
  readonly axis: AxisName
  readonly verdict: 'held' | 'failed' | 'open'
  /** Throws per second with it over those without; null where one of them is not known */
  readonly speed: number | null
}

/** Every way out of a fault that the table's own cells have tried. */
export function findAttempts(cells: readonly CompatCell[]): Attempt[] {
  const faulty = cells.filter(
    (cell) => cell.tone === 'bad' && valueOf(cell.values, 'mitigation') === 'none',
  )
  const rates = findRates(cells)
  return WAYS.flatMap((way) => {
    const alike = groupBy(cells, (cell) => keyWithout(cell.values, way))
    return faulty.flatMap((cell) =>
      (alike.get(keyWithout(cell.values, way)) ?? [])
        .filter((other) => other !== cell && wayText(other, way) !== wayText(cell, way))
        .map((other) => makeAttempt(cell, other, way, rates)),
    )
  })
}

/** What all attempts of one kind came to. */
export function sumUp(attempts: readonly Attempt[]): Workaround[] {
  return [...groupBy(attempts, ({ by }) => by)].map(([by, each]) => {
    const count = (verdict: Attempt['verdict']): number =>
      each.filter((one) => one.verdict === verdict).length
    const speeds = each.flatMap(({ speed, verdict }) =>
      verdict === 'held' && speed !== null ? [speed] : [],
    )
    return {
      by,
      held: count('held'),
      failed: count('failed'),
      open: count('open'),
      speed: speeds.length === 0 ? null : median(speeds),
      speedCells: speeds.length,
    }
  })
}

/**
 * The cells, each with a fault advised first what held on it. Of several that is the cheapest: the most throws per second;
 * those whose cost is not known come after, and last what holds only because nobody looks at the stack any more.
 */
export function adviseProven(
  cells: readonly CompatCell[],
  attempts: readonly Attempt[],
): CompatCell[] {
  const held = groupBy(
    attempts.filter(({ verdict }) => verdict === 'held'),
    ({ faulty }) => faulty,
  )
  return cells.map((cell) => {
    const [best, ...others] = (held.get(cell) ?? []).toSorted(
      (one, other) =>
        Number(givesUp(one)) - Number(givesUp(other)) || (other.speed ?? -1) - (one.speed ?? -1),
    )
    return best === undefined
      ? cell
      : { ...cell, advice: [provenAdvice(best, others), ...cell.advice] }
  })
}

function provenAdvice(best: Attempt, others: readonly Attempt[]): CompatCell['advice'][number] {
  const cost =
    best.speed === null ? '' : `, at ${Math.round(best.speed * 100)} % of the throws per second`
  const price = givesUp(best) ? ' The profile then has no frames of C++ any more.' : ''
  const rest =
    others.length === 0 ? '' : ` Also held: ${[...new Set(others.map(({ by }) => by))].join('; ')}.`
  return {
    text: `Proven on this very toolchain: with ${best.by} the outcome is ${best.other.outcome ?? 'none'}${cost}.${price}${rest}`,
    copy: workaroundLines(best.axis, best.other),
  }
}

/** Held because nothing is unwound in the handler: no symbolizer, or one that does nothing. */
function givesUp({ axis, other }: Attempt): boolean {
  return axis === 'symbolizer' && (valueOf(other.values, 'symbolizer') === 'none' || isBlind(other))
}

function makeAttempt(
  faulty: CompatCell,
  other: CompatCell,
  way: readonly AxisName[],
  rates: ReadonlyMap<string, number>,
): Attempt {
  const axis = way.find((name) => other.values[name] !== undefined) ?? way[0] ?? 'mitigation'
  const verdict =
    !isInForce(faulty, other, axis) || other.tone === 'unsure'
      ? 'open'
      : other.tone === 'good'
        ? 'held'
        : 'failed'
  const [mine, without] = [rateOf(other), rates.get(toolchainKey(faulty))]
  return {
    faulty,
    other,
    by: wayText(other, way),
    axis,
    verdict,
    speed: mine === null || without === undefined ? null : mine / without,
  }
}

/** A guard must have been seen at work; anything else, to have been built otherwise. */
function isInForce(faulty: CompatCell, other: CompatCell, axis: AxisName): boolean {
  if (axis === 'mitigation') return other.mitigation?.state === 'in-force'
  const [before, now] = [faulty.versions, other.versions]
  if (before === null || now === null) return false
  if (axis === 'symbolizer') return before.symbolizer !== now.symbolizer
  return before.libgcc !== now.libgcc || before.linkage !== now.linkage
}

/** What a cell has in one way, in words; its default where it names nothing. */
function wayText({ values }: CompatCell, way: readonly AxisName[]): string {
  const given = way.filter((name) => values[name] !== undefined)
  const names = given.length > 0 ? given : way.slice(0, 1)
  return names.map((name) => AXES[name].phrase(valueOf(values, name) || 'by default')).join(', ')
}
