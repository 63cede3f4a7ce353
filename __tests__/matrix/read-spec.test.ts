import { expect, it } from 'vitest'
import { PRESETS } from '../../src/matrix/presets.js'
import { readSpec } from '../../src/matrix/read-spec.js'

const read = (...lines: string[]): ReturnType<typeof readSpec> =>
  readSpec(lines.join('\n'), 's.yml')

it('takes every scalar as text, so that 1.20 needs no quotes', () => {
  const spec = read('axes:', '  go: [1.20, stable]', '  glibc: 2.31', 'with:', '  duration: 10s')
  expect(spec.axes).toEqual({ go: ['1.20', 'stable'], glibc: ['2.31'] })
  expect(spec.with).toEqual({ duration: '10s' })
})

it('adds to a preset, whose axes and settings it may replace', () => {
  const spec = read('preset: full', 'axes:', '  go: stable', 'include:', '  - glibc: 2.31')
  expect(spec.axes).toEqual({ ...PRESETS.full.axes, go: ['stable'] })
  expect(spec.with).toEqual(PRESETS.full.with)
  expect(spec.include).toEqual([{ glibc: '2.31' }])
})

it('reads what is known of cells, with a reason and a day', () => {
  const spec = read(
    'known:',
    '  - cells: { glibc: [2.31, 2.36], libgcc: static }',
    '    outcome: deadlock',
    '    reason: libgcc 11 takes the lock',
    '    expires: 2027-01-31',
  )
  expect(spec.known).toEqual([
    {
      cells: { glibc: ['2.31', '2.36'], libgcc: ['static'] },
      outcome: 'deadlock',
      reason: 'libgcc 11 takes the lock',
      expires: '2027-01-31',
    },
  ])
})

it.each([
  [
    'an unknown axis',
    ['axes:', '  glib: 2.31'],
    /^s\.yml:2:3: axes\.glib is not known here\. Allowed: go, glibc,/,
  ],
  [
    'a value of the wrong form',
    ['axes:', '  glibc: [2.31, 2.3.1]'],
    /^s\.yml:2:17: axes\.glibc\[1\]: .*2\.3\.1.*Allowed/,
  ],
  [
    'a value that the action does not have',
    ['axes:', '  experiment: [natural, dance]'],
    /^s\.yml:2:25: .*dance.*Allowed: .*natural/,
  ],
  [
    'an input that the matrix sets',
    ['with:', '  expect: deadlock'],
    /^s\.yml:2:3: with\.expect is not known here\. Allowed: .*duration/,
  ],
  [
    'a time without a unit',
    ['with:', '  duration: 30'],
    /^s\.yml:2:13: .*duration.*did you mean 30s/,
  ],
  [
    'a value twice',
    ['axes:', '  go: [stable, stable]'],
    /^s\.yml:2:\d+: axes\.go: A value stands here twice/,
  ],
  ['an empty axis', ['axes:', '  go: []'], /^s\.yml:2:\d+: axes\.go: Give at least one value/],
  [
    'no reason',
    ['known:', '  - cells: { glibc: 2.31 }', '    outcome: deadlock'],
    /^s\.yml:2:5: known\[0\]\.reason: Write one value here/,
  ],
  [
    'a pattern for all',
    ['exclude:', '  - {}'],
    /^s\.yml:2:5: exclude\[0\]: Name at least one axis/,
  ],
  [
    'a day of another form',
    [
      'known:',
      '  - cells: { go: stable }',
      '    outcome: clean',
      '    reason: x',
      '    expires: 31.1.2027',
    ],
    /^s\.yml:5:14: known\[0\]\.expires: Write the day as YYYY-MM-DD/,
  ],
  [
    'an outcome that is none',
    ['known:', '  - cells: { go: stable }', '    outcome: fine', '    reason: x'],
    /^s\.yml:3:14: known\[0\]\.outcome: Allowed: deadlock, livelock/,
  ],
  ['no YAML', ['axes: [1, 2'], /^s\.yml:1:\d+: /],
  [
    'a key twice',
    ['axes:', '  go: stable', '  go: oldstable'],
    /^s\.yml:3:3: Map keys must be unique/,
  ],
  [
    'a list where names belong',
    ['- go: stable'],
    /^s\.yml:1:1: the spec: Write names with values here/,
  ],
])('refuses %s with its line and column', (_what, lines, message) => {
  expect(() => read(...lines)).toThrow(message)
})

it('names every mistake at once, in the order of the file', () => {
  expect(() => read('axes:', '  glib: 2.31', '  go: 2')).toThrow(/^s\.yml:2:3: .*\ns\.yml:3:7: /)
})
