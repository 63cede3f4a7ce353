import { describe, expect, it } from 'vitest'
import { deadlinessOf, deadlinessText } from '../../src/comparison/deadliness.js'
import { makeMap, readSwept } from '../helpers/swept.js'

const DEADLOCK = readSwept('deadlock-glibc-2.31')

describe('deadlinessOf', () => {
  it('counts the instructions of a map once, whatever the number of signals', () => {
    const map = makeMap(DEADLOCK)
    const twice = { ...map, deadly: [...map.deadly, ...map.deadly] }
    const { instructions, of, rate } = deadlinessOf({ ...DEADLOCK, map: twice })
    expect(instructions).toBe(map.deadly.length)
    expect(of).toBe(map.of)
    expect(rate).toBe(map.time?.share ?? null)
  })

  it('takes a map on which all was survived for none of so many, if nothing is left', () => {
    const map = { ...makeMap(DEADLOCK), deadly: [], windows: [], time: null }
    expect(deadlinessOf({ ...DEADLOCK, map })).toEqual({ instructions: 0, of: map.of, rate: 0 })
    expect(deadlinessOf({ ...DEADLOCK, map: { ...map, complete: false } }).rate).toBeNull()
  })

  it('does not guess where a throw failed and was not mapped, or nothing was swept', () => {
    const unknown = { instructions: null, of: null, rate: null }
    expect(deadlinessOf({ ...DEADLOCK, map: null })).toEqual(unknown)
    expect(deadlinessOf(null)).toEqual(unknown)
  })
})

it('says both sides in one line', () => {
  const base = { instructions: 38, of: 10_657, rate: 0.048 }
  const head = { instructions: 0, of: 10_657, rate: 0 }
  expect(deadlinessText(base, head)).toBe(
    'deadly instructions: 38 of 10,657 -> 0 of 10,657; predicted rate per signal: 4.8 % -> 0 %',
  )
})
