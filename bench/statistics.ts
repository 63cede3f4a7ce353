/**
 * The middle value, or the mean of the two in the middle. `Infinity` stands for a run that never got there.
 * @throws Error when there are no values
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle]
  const low = sorted[Math.ceil(sorted.length / 2) - 1]
  if (high === undefined || low === undefined) throw new Error('A median needs at least one value.')
  return low === high ? high : (low + high) / 2
}

/** The largest value: the worst where less is better. */
export function worst(values: readonly number[]): number {
  return Math.max(...values)
}

/** How far the values lie apart, as a share of their median: 0.02 for 98, 100, 100. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values)
}

/** Roughly how far chance may have moved the median of such values, as a share of it: half their spread, over the root of their number. */
export function uncertainty(values: readonly number[]): number {
  return spread(values) / 2 / Math.sqrt(values.length)
}
