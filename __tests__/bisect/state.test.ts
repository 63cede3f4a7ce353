import { expect, it } from 'vitest'
import { searchOf } from '../../src/bisect/state.js'
import { makeQuestion, makeTest } from '../helpers/bisect.js'

it('places the tests on the axis, and the ends where they are known', () => {
  const tests = [makeTest('1.4', 'untestable'), makeTest('1.3', 'bad')]
  expect([...searchOf({ question: makeQuestion(), tests }).answers]).toEqual([
    [4, 'untestable'],
    [3, 'bad'],
  ])
  const question = makeQuestion({ seeks: 'good', knownEnds: true })
  expect([...searchOf({ question, tests: [] }).answers]).toEqual([
    [0, 'bad'],
    [7, 'good'],
  ])
})
