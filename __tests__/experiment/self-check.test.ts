import { expect, it } from 'vitest'
import { SelfCheckError } from '../../src/errors.js'
import { judgeHarness } from '../../src/experiment/self-check.js'

it('is content when the toolchain that must hang did', () => {
  expect(judgeHarness({ outcome: 'deadlock', headline: 'At step 256.' })).toBe(
    'Self-check: the toolchain that must hang did. At step 256.',
  )
})

it.each(['immune', 'inconclusive', 'livelock', 'crash', 'cancelled'] as const)(
  'fails loudly when it was %s instead, and says what that means',
  (outcome) => {
    const judge = (): string => judgeHarness({ outcome, headline: 'Nothing hung.' })
    expect(judge).toThrow(SelfCheckError)
    expect(judge).toThrow(
      /must deadlock under a sweep, and did not\. What was seen: Nothing hung\./,
    )
  },
)
