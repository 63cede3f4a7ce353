import { expect, it } from 'vitest'
import { recordOutput } from '../../src/experiment/output.js'

it('counts bytes and lines and stamps the first line of each chunk', () => {
  const output = recordOutput()
  expect(output.add(Buffer.from('Loop #1\nLoop #2\n'), 1_234)).toEqual({ bytes: 16, lines: 2 })
  output.add(Buffer.from('Loop'), 2_000)
  output.add(Buffer.from(' #3\n'), 2_500)
  expect(output.text()).toBe('[   1.234] Loop #1\nLoop #2\n[   2.000] Loop #3\n')
  expect(output.lines()).toBe(3)
})

it('gives what came since the mark on its own', () => {
  const output = recordOutput()
  output.add(Buffer.from('before\n'), 1)
  output.mark()
  output.add(Buffer.from('after\n'), 2)
  expect(output.textSinceMark()).toBe('after\n')
})

it('stays bounded', () => {
  const output = recordOutput()
  const chunk = Buffer.alloc(1024 * 1024, 'x')
  for (let i = 0; i < 20; i += 1) output.add(chunk, i)
  expect(output.truncated()).toBe(true)
  expect(output.text().length).toBeLessThan(1.1 * 1024 * 1024)
})
