import { keyWithout, valueOf } from './axes.js'
import type { CompatCell } from './compat.js'

/** A rate over less than this is mostly the start of the program. */
const MIN_SECONDS = 1

/** Throws per second of a cell; null where it hung, or did not run naturally for long enough. */
export function rateOf({ counts, tone }: CompatCell): number | null {
  if (counts === null || counts.throws === null) return null
  if (tone !== 'good' || counts.seconds < MIN_SECONDS) return null
  return counts.throws / counts.seconds
}

/** Throws per second without a workaround, by toolchain: a cell that hangs has no rate, so that of another symbolizer stands for it. */
export function findRates(cells: readonly CompatCell[]): ReadonlyMap<string, number> {
  const rates = new Map<string, number>()
  for (const cell of cells) {
    const rate = rateOf(cell)
    if (rate === null || valueOf(cell.values, 'mitigation') !== 'none') continue
    const key = toolchainKey(cell)
    rates.set(key, Math.max(rate, rates.get(key) ?? 0))
  }
  return rates
}

/** What a cell was built with, whatever looks at its stacks and however it is run. */
export function toolchainKey({ values }: CompatCell): string {
  return keyWithout(values, ['mitigation', 'symbolizer', 'experiment', 'signal'])
}

/** The upper of the two where there are two in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
