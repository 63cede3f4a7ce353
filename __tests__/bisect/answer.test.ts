import { expect, it } from 'vitest'
import { answerOf } from '../../src/bisect/answer.js'
import { Outcome } from '../../src/result/schema.js'

it('takes a fault for bad, a proof for good, and all else for no answer', () => {
  const answers = Outcome.options.map((outcome) => [
    outcome,
    answerOf({ outcome, conclusion: 'fail' }),
  ])
  expect(Object.fromEntries(answers)).toEqual({
    ...{ deadlock: 'bad', livelock: 'bad', crash: 'bad', terminated: 'bad' },
    ...{ clean: 'good', immune: 'good' },
    ...{ stalled: 'untestable', exited: 'untestable' },
    ...{ inconclusive: 'untestable', cancelled: 'untestable' },
  })
})

it('takes a program that came to its own good end for good', () => {
  expect(answerOf({ outcome: 'exited', conclusion: 'pass' })).toBe('good')
})
