import { groupBy } from '../report/group-by.js'
import { unwinds } from '../traceback/words.js'
import { AXES, valueOf } from './axes.js'
import type { CompatCell, SymbolizerRow } from './compat.js'
import { median, rateOf, toolchainKey } from './rates.js'

/** What an application without a symbolizer is called on the axis. */
const NONE = 'none'

/**
 * Symbolizers side by side, over the cells of toolchains that more than one of them ran on: what became of them, whether
 * they unwind at all, and what they cost. Cells with a workaround are left out. Empty where there is nothing to compare.
 */
export function compareSymbolizers(cells: readonly CompatCell[]): SymbolizerRow[] {
  const plain = cells.filter(({ values }) => valueOf(values, 'mitigation') === 'none')
  const shared = [...groupBy(plain, toolchainKey).values()]
    .filter((members) => new Set(members.map(symbolizerOf)).size > 1)
    .flat()
  const free = freeRates(shared)
  return [...groupBy(shared, symbolizerOf)].map(([name, members]) => sumUp(name, members, free))
}

function sumUp(
  name: string,
  cells: readonly CompatCell[],
  free: ReadonlyMap<string, number>,
): SymbolizerRow {
  const looks = cells.flatMap(({ traceback }) => (traceback === null ? [] : [traceback]))
  const seen = looks.filter(({ made }) => made > 0)
  const times = seen.flatMap(({ microseconds }) => (microseconds === null ? [] : [microseconds]))
  const speeds = cells.flatMap((cell) => {
    const [rate, without] = [rateOf(cell), free.get(toolchainKey(cell))]
    return rate === null || without === undefined ? [] : [rate / without]
  })
  return {
    symbolizer: AXES.symbolizer.phrase(name),
    cells: cells.length,
    faults: cells.filter(({ tone }) => tone === 'bad').length,
    undecided: cells.filter(({ tone }) => tone === 'unsure').length,
    unwinds: seen.filter((look) => unwinds(look) === true).length,
    blind: seen.filter((look) => unwinds(look) === false).length,
    frames: seen.length === 0 ? null : median(seen.map(({ frames, made }) => frames / made)),
    microseconds: times.length === 0 ? null : median(times),
    names: looks.toSorted((one, other) => other.named - one.named)[0]?.names ?? [],
    speed: name === NONE || speeds.length === 0 ? null : median(speeds),
    speedCells: name === NONE ? 0 : speeds.length,
  }
}

/** Throws per second of each toolchain with nobody who looks at its stacks. */
function freeRates(cells: readonly CompatCell[]): ReadonlyMap<string, number> {
  return new Map(
    cells.flatMap((cell) => {
      const rate = symbolizerOf(cell) === NONE ? rateOf(cell) : null
      return rate === null ? [] : [[toolchainKey(cell), rate]]
    }),
  )
}

function symbolizerOf({ values }: CompatCell): string {
  return valueOf(values, 'symbolizer')
}
