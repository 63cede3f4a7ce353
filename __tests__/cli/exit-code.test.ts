import { expect, it } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-code.js'

it.each([
  ['deadlock', 'pass', 0],
  ['deadlock', 'fail', 2],
  ['inconclusive', 'neither', 3],
  ['cancelled', 'neither', 130],
] as const)('%s, %s → %i', (outcome, conclusion, code) => {
  expect(exitCodeOf({ outcome, conclusion })).toBe(code)
})
