import { describe, expect, it } from 'vitest'
import { findWrong } from '../../bench/truth.js'
import type { CompatCell } from '../../src/matrix/compat.js'
import { table } from '../helpers/matrix.js'

const [base] = table().cells

function cell(libgcc: string, symbolizer: string, outcome: CompatCell['outcome']): CompatCell {
  const versions = base!.versions === null ? null : { ...base!.versions, libgcc }
  return { ...base!, values: { symbolizer }, versions, outcome }
}

describe('the ground truth of a table', () => {
  it.each([
    ['10.2.1-6', 'ianlancetaylor', 'deadlock'],
    ['11.3.0-12', 'milvus-io', 'deadlock'],
    ['10.2.1-6', 'framepointer', 'immune'],
    ['12.2.0-14', 'ianlancetaylor', 'immune'],
    ['16', 'milvus-io', 'immune'],
  ] as const)('libgcc %s with %s: %s and nothing else', (libgcc, symbolizer, right) => {
    const outcomes = ['deadlock', 'immune', 'livelock', 'inconclusive', null] as const
    const cells = outcomes.map((outcome) => cell(libgcc, symbolizer, outcome))
    expect(cells.filter((each) => !findWrong(cells).includes(each))).toEqual([
      expect.objectContaining({ outcome: right }),
    ])
  })
})
