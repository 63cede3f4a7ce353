import { expect, it } from 'vitest'
import { advance, eventLine, stateLine } from '../../src/cli/matrix-progress.js'
import type { MatrixState } from '../../src/cli/matrix-progress.js'
import type { MatrixEvent } from '../../src/experiment/matrix.js'
import { cellsAtOnce } from '../../src/experiment/capacity.js'
import { makePlan } from '../helpers/matrix.js'

const [one, two] = makePlan().cells
const START: MatrixState = { total: 4, done: 0, failed: 0, running: [], building: '' }
const after = (...events: MatrixEvent[]): MatrixState => events.reduce(advance, START)

it('says what is built and what runs', () => {
  const building = after({ kind: 'building', cell: one! }, { kind: 'stage', what: 'Compiling' })
  expect(stateLine(building)).toBe('0 of 4 cells; building: Compiling')
  const running = after({ kind: 'started', cell: one! }, { kind: 'started', cell: two! })
  expect(stateLine(running)).toBe(
    '0 of 4 cells; running: glibc 2.31, ianlancetaylor | glibc 2.31, nsrip-dd',
  )
})

it('counts what is done, and what has no result', () => {
  const done: MatrixEvent = {
    ...{ kind: 'finished', cell: one!, outcome: 'deadlock', tookMs: 1234, kept: false },
  }
  const failed: MatrixEvent = { kind: 'failed', cell: two!, reason: 'no build\nat all' }
  const state = after({ kind: 'started', cell: one! }, done, failed)
  expect(state).toMatchObject({ done: 2, failed: 1, running: [] })
  expect(eventLine(done, state)).toBe('[2/4] deadlock     glibc 2.31, ianlancetaylor (1.2 s)')
  expect(eventLine({ ...done, kept: true }, state)).toContain('(done before)')
  expect(eventLine(failed, state)).toBe('[2/4] no result    glibc 2.31, nsrip-dd: no build')
  expect(eventLine({ kind: 'started', cell: one! }, state)).toBeNull()
})

it('runs as many cells at once as cores and memory allow, and always one', () => {
  const gigabyte = 1024 ** 3
  expect(cellsAtOnce(8, 64 * gigabyte)).toBe(8)
  expect(cellsAtOnce(8, 3.5 * gigabyte)).toBe(3)
  expect(cellsAtOnce(1, 0)).toBe(1)
})
