import { expect, it } from 'vitest'
import { describeSoak } from '../../scripts/soak-table.js'
import type { Soak, SoakRun } from '../../scripts/soak-table.js'

const RUN: SoakRun = { seconds: 4, peakMiB: 100, right: true, containers: 0, images: 2, files: 1 }

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
  expect(text).toContain(
    '| share of a core for watching 2000 threads (clean) | 2.0 % | 5 % | yes |',
  )
})

it.each([
  ['a container left', makeSoak({ containers: 1 })],
  ['an image more', makeSoak({ images: 3 })],
  ['a file more', makeSoak({ files: 2 })],
  ['a wrong outcome', makeSoak({ right: false })],
  ['slower runs', makeSoak({ seconds: 6 })],
  ['more memory', makeSoak({ peakMiB: 140 })],
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
