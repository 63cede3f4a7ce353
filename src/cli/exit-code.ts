import type { Result } from '../result/schema.js'

/** Exit codes of the command line: 0 pass, 2 fail, 3 inconclusive, 130 cancelled (128 + SIGINT); 1 is our own error. */
export function exitCodeOf(result: Pick<Result, 'outcome' | 'conclusion'>): number {
  if (result.outcome === 'cancelled') return 130
  return { pass: 0, fail: 2, neither: 3 }[result.conclusion]
}
