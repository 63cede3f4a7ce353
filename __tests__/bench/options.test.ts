import { describe, expect, it } from 'vitest'
import { readOptions } from '../../bench/options.js'

const NAMES = ['verdict', 'watch', 'cold']

describe('the options of the bench', () => {
  it('measure everything, as often as each measure wants, and write nothing', () => {
    expect(readOptions([], NAMES)).toEqual({ only: NAMES, runs: undefined, write: false })
  })

  it('choose measures and runs', () => {
    expect(readOptions(['--only', 'watch,cold', '--runs', '3'], NAMES)).toEqual({
      only: ['watch', 'cold'],
      runs: 3,
      write: false,
    })
  })

  it('refuse a measure that does not exist, and say which do', () => {
    expect(() => readOptions(['--only', 'watch,speed'], NAMES)).toThrow(
      /speed.*verdict, watch, cold/,
    )
  })

  it.each(['0', '-1', '1.5', 'many', '1000'])('refuse %s runs', (runs) => {
    expect(() => readOptions([`--runs=${runs}`], NAMES)).toThrow('1 to 999')
  })

  it('never keep a part of the table for the whole', () => {
    expect(() => readOptions(['--write', '--only', 'watch'], NAMES)).toThrow('leave out --only')
  })
})
