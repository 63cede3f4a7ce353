import { expect, it } from 'vitest'
import { between } from '../../src/bisect/between.js'

const order = ['2.27', '2.31', '2.36', '2.41']

it('seeks the first bad one where bad comes later, else the first good one', () => {
  expect(between(order, { good: '2.27', bad: '2.36' })).toEqual({
    ...{ names: ['2.27', '2.31', '2.36'], seeks: 'bad' },
  })
  expect(between(order, { good: '2.41', bad: '2.31' })).toEqual({
    ...{ names: ['2.31', '2.36', '2.41'], seeks: 'good' },
  })
})

it('names the flag, the value and what is allowed', () => {
  expect(() => between(order, { good: '2.28', bad: '2.36' })).toThrow(
    '--good is 2.28. Allowed here: 2.27, 2.31, 2.36, 2.41.',
  )
  expect(() => between(order, { good: '2.36', bad: '2.36' })).toThrow(/both 2\.36/)
})
