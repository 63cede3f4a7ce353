import { expect, it } from 'vitest'
import { describeSoak } from '../../scripts/soak-table.js'
import type { Soak, SoakRun } from '../../scripts/soak-table.js'

const RUN: SoakRun = {
  ...{ seconds: 4, heapMiB: 40, residentMiB: 150, handles: 3 },
  ...{ outcome: 'clean', containers: 0, images: 2, files: 0 },
}

function makeSoak(last: Partial<SoakRun> = {}, rest: Partial<Soak> = {}): Soak {
  return {
    runs: [RUN, RUN, RUN, { ...RUN, ...last }],
    floodMiB: 120,
    floodSeconds: 12,
    crowd: { threads: 2000, seconds: 20, samplerSeconds: 0.4, outcome: 'clean' },
    ...rest,
  }
}

it('is met by runs that stay the same', () => {
  const { text, failed } = describeSoak(makeSoak())
  expect(failed).toBe(false)
  expect(text.replaceAll(/ +/g, ' ')).toContain(
    '| share of a core for watching 2000 threads (clean) | 2.0 % | 5 % | yes |',
  )
})

it.each([
  ['a container left', makeSoak({ containers: 1 })],
  ['an image more', makeSoak({ images: 3 })],
  ['a file more', makeSoak({ files: 2 })],
  ['a wrong outcome', makeSoak({ outcome: 'inconclusive' })],
  ['slower runs', makeSoak({ seconds: 6 })],
  ['more resident memory', makeSoak({ residentMiB: 200 })],
  ['a pipe left open', makeSoak({ handles: 4 })],
  [
    'memory that grows with each run, though the first and the last hold the same',
    makeSoak(
      {},
      { runs: [40, 40, 41, 42, 43, 44, 45, 40].map((heapMiB) => ({ ...RUN, heapMiB })) },
    ),
  ],
  ['a flood that fills memory', makeSoak({}, { floodMiB: 150 })],
  [
    'a crowd that costs too much',
    makeSoak({}, { crowd: { threads: 2000, seconds: 20, samplerSeconds: 2, outcome: 'clean' } }),
  ],
  [
    'a crowd whose watch was not seen',
    makeSoak({}, { crowd: { threads: 2000, seconds: 20, samplerSeconds: 0, outcome: 'clean' } }),
  ],
])('is not met by %s', (_what, soak) => {
  expect(describeSoak(soak).failed).toBe(true)
})
