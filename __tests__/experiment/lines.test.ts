import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { splitLines } from '../../src/experiment/lines.js'

function feed(limit: number, chunks: readonly Buffer[]): string[] {
  const lines: string[] = []
  const add = splitLines(limit, (line) => lines.push(line))
  for (const chunk of chunks) add(chunk)
  return lines
}

it('gives the same lines however the bytes are cut, also inside a character', () => {
  const bytes = Buffer.from('eins\nzwölf\n\ndreißig €\nrest')
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      const points = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      const chunks = points.slice(1).map((end, index) => bytes.subarray(points[index], end))
      expect(feed(1_000, chunks)).toEqual(['eins', 'zwölf', '', 'dreißig €'])
    }),
  )
})

it('drops a line that is too long and goes on with the next', () => {
  const chunks = ['x'.repeat(50), 'y'.repeat(50), 'z\nshort\n'].map((text) => Buffer.from(text))
  expect(feed(60, chunks)).toEqual(['short'])
})
