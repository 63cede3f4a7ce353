import { expect, it } from 'vitest'
import { disarm } from '../../src/actions/log.js'

it('puts a program’s text between stop-commands and its token, each on a line of its own', () => {
  const lines = disarm('::error::x\r::set-output name=a::b\n##[add-path]/x', 'T0K3N').split('\n')
  expect(lines[0]).toBe('::stop-commands::T0K3N')
  expect(lines.at(-2)).toBe('::T0K3N::')
  expect(lines.slice(1, -2).join('\n')).toContain('##[add-path]/x')
})
