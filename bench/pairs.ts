import { ratio } from './words.js'
import type { Workplace } from './workplace.js'

/** Two results of one kind, taken one right after the other, so that a change of the machine's speed meets both. */
export interface Pair<T = number> {
  readonly ours: T
  readonly beside: T
}

/** The two things to compare. Nothing of what they do beforehand may be in their result. */
export interface Sides<T> {
  readonly ours: () => Promise<T>
  readonly beside: () => Promise<T>
  /** Done before each pair */
  readonly prepare?: () => Promise<void>
  /** What of a result is compared while it runs */
  readonly figure: (result: T) => number
}

/**
 * Takes pairs; ours goes first in every other one, so that neither profits from its place.
 * @throws what the sides throw, and the signal's reason between two pairs
 */
export async function takePairs<T>(
  { deps, say }: Pick<Workplace, 'deps' | 'say'>,
  runs: number,
  { ours, beside, prepare, figure }: Sides<T>,
): Promise<Pair<T>[]> {
  const pairs: Pair<T>[] = []
  while (pairs.length < runs) {
    deps.signal.throwIfAborted()
    await prepare?.()
    const pair =
      pairs.length % 2 === 0
        ? { ours: await ours(), beside: await beside() }
        : { beside: await beside(), ours: await ours() }
    pairs.push(pair)
    say(`  pair ${pairs.length} of ${runs}: ${ratio(figure(pair.ours) / figure(pair.beside), 4)}`)
  }
  return pairs
}

/** Ours divided by what ran beside it, pair by pair. */
export function ratios(pairs: readonly Pair[]): number[] {
  return pairs.map(({ ours, beside }) => ours / beside)
}
