/** What a test of a point said. */
export type Answer = 'good' | 'bad' | 'untestable'

/** A search along points in order, numbered from 0, that begin with one answer and end with the other. */
export interface Search {
  readonly count: number
  /** The answer of the last points; where it begins is looked for */
  readonly seeks: 'good' | 'bad'
  /** Points that were tested, or whose answer is known */
  readonly answers: ReadonlyMap<number, Answer>
}

/** What to do next, or the conclusion. */
export type Step =
  | { readonly kind: 'test'; readonly point: number; readonly remaining: number }
  /** It and the point before it are neighbours with different answers */
  | { readonly kind: 'found'; readonly first: number }
  /** An end does not answer as it must, so that nothing begins between the two */
  | { readonly kind: 'same'; readonly end: number; readonly answer: 'good' | 'bad' }
  /** It is one of from..to, of which all but `to` can't be tested; `to` equals `count` where the last can't be either */
  | { readonly kind: 'among'; readonly from: number; readonly to: number }

/**
 * The next step of a binary search for the first point with the answer that is sought.
 *
 * The ends are points like any other: one is tested when the search comes down to it, so every conclusion rests on
 * two neighbours that were tested, and an end that answers otherwise than was said is noticed all the same. That makes
 * ceil(log2(n + 1)) tests at most for n points, where testing both ends first would take up to two more. Each point
 * that can't be tested may cost one test more, and the search goes on in the middle of those that are left.
 */
export function nextStep({ count, seeks, answers }: Search): Step {
  const { low, high } = bounds({ count, seeks, answers })
  const open = range(low + 1, high).filter((point) => !answers.has(point))
  const middle = open[Math.floor(open.length / 2)]
  if (middle !== undefined) {
    return { kind: 'test', point: middle, remaining: testsFor(open.length) }
  }
  if (high - low > 1) return { kind: 'among', from: low + 1, to: high }
  if (high === 0) return { kind: 'same', end: 0, answer: seeks }
  if (low === count - 1) return { kind: 'same', end: low, answer: opposite(seeks) }
  return { kind: 'found', first: high }
}

/** How many tests a search needs at most for so many points, as long as all can be tested. */
export function testsFor(points: number): number {
  return Math.ceil(Math.log2(points + 1))
}

export function opposite(answer: 'good' | 'bad'): 'good' | 'bad' {
  return answer === 'good' ? 'bad' : 'good'
}

/** The last point known to be before the change, and the first known to be behind it; -1 and `count` where none is. */
function bounds({ count, seeks, answers }: Search): { low: number; high: number } {
  const tested = [...answers].toSorted(([one], [other]) => one - other)
  return {
    low: tested.findLast(([, answer]) => answer === opposite(seeks))?.[0] ?? -1,
    high: tested.find(([, answer]) => answer === seeks)?.[0] ?? count,
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_none, index) => from + index)
}
