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

/** Two things measured one right after the other, so that a change of the machine's speed meets both. */
export interface Pair {
  readonly ours: number
  readonly beside: number
}

/** Ours divided by what ran beside it, pair by pair. */
export function ratios(pairs: readonly Pair[]): number[] {
  return pairs.map(({ ours, beside }) => ours / beside)
}

/** The median's share that chance alone explains: half the spread of the ratios, over the root of their number. */
export function uncertainty(values: readonly number[]): number {
  return spread(values) / 2 / Math.sqrt(values.length)
}

/** Which of the two goes first in a pair: they take turns, so that neither profits from its place. */
export function oursGoesFirst(pair: number): boolean {
  return pair % 2 === 0
}
