import { describe, expect, it } from 'vitest'
import { BOUNDARY_CELLS } from '../helpers/cells.js'
import { runCellFromCommandLine } from '../helpers/command-line.js'
import { leftContainers } from '../helpers/leftovers.js'

/** The loader keeps its locks in one object; where in it depends on the version. */
const LOADER_LOCK = /_rtld_(global|local)|_dl_load_write_lock/

describe('the boundary of the bug', () => {
  it.each(BOUNDARY_CELLS)('$name', async ({ flags, right, duration }) => {
    const { result, exitCode } = await runCellFromCommandLine([
      ...flags,
      ...['--experiment', 'natural', '--duration', duration],
    ])
    expect(right).toContain(result.outcome)
    expect(exitCode).toBe(result.outcome === 'clean' ? 0 : 2)
    expect(await leftContainers(result.id)).toEqual([])
    if (result.outcome === 'deadlock') {
      expect(result.diagnosis?.class).toBe('signal-reentrancy')
      expect(result.diagnosis?.confidence).toBe('proven')
      const [culprit] = result.diagnosis?.culprits ?? []
      expect(culprit?.signal?.name).toBe('SIGPROF')
      expect(['lock', 'unlock']).toContain(culprit?.window)
      expect(result.diagnosis?.lock).toMatchObject({ role: 'loader-write-lock', owner: 0 })
      expect(result.diagnosis?.lock?.symbol).toMatch(LOADER_LOCK)
      expect(result.toolchain?.unwinder.lookup).toBe('dl_iterate_phdr')
    }
    if (result.outcome === 'clean') {
      expect(result.counts.throws).toBeGreaterThan(10_000)
      expect(result.counts.signals).toBeGreaterThan(50)
      expect(result.counts.seconds).toBeGreaterThan(4)
    }
  })
})

describe('the silent half-hang', () => {
  it('is found while the output goes on: with a warm symbolizer only the throwing thread is dead', async () => {
    const { result } = await runCellFromCommandLine([
      ...['--glibc-version', '2.31', '--gcc-version', '10', '--go-version', '1.17'],
      ...['--experiment', 'natural', '--command', '-warm', '--stall-timeout', '20s'],
    ])
    expect(['deadlock', 'livelock']).toContain(result.outcome)
    expect(result.ending.reason).toBe('confirmed')
    expect(result.diagnosis?.victims).toEqual([])
    // The symbolizer has read the loader's file by then: its mapping must not be taken for the loader itself.
    if (result.outcome === 'deadlock') expect(result.diagnosis?.lock?.symbol).toMatch(LOADER_LOCK)
  })
})
