import { ConfigurationError } from '../errors.js'

/**
 * The part of an order from one end to the other, and which answer it ends with: where the bad end comes later, the
 * first bad one is looked for, else the first good one.
 * @param order names, each once
 * @throws ConfigurationError when an end is not among them, or both are the same
 */
export function between(
  order: readonly string[],
  { good, bad }: { readonly good: string; readonly bad: string },
): { readonly names: string[]; readonly seeks: 'good' | 'bad' } {
  const [from, to] = [placeOf(order, 'good', good), placeOf(order, 'bad', bad)]
  if (from === to) {
    throw new ConfigurationError(
      `--good and --bad are both ${good}. Give two ends that differ; allowed are ${order.join(', ')}.`,
    )
  }
  return {
    names: order.slice(Math.min(from, to), Math.max(from, to) + 1),
    seeks: from < to ? 'bad' : 'good',
  }
}

function placeOf(order: readonly string[], flag: 'good' | 'bad', value: string): number {
  const place = order.indexOf(value)
  if (place >= 0) return place
  throw new ConfigurationError(`--${flag} is ${value}. Allowed here: ${order.join(', ')}.`)
}
