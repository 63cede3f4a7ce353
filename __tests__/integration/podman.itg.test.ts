import { describe, expect, it } from 'vitest'
import { runCellFromCommandLine } from '../helpers/command-line.js'
import { leftContainers } from '../helpers/leftovers.js'

describe('podman, by the same path', () => {
  it('finds the deadlock, names the same culprit and leaves nothing behind', async () => {
    const { result } = await runCellFromCommandLine([
      ...['--engine', 'podman', '--glibc-version', '2.31', '--gcc-version', '10'],
      ...['--go-version', '1.17', '--experiment', 'natural'],
    ])
    expect(result.engine.name).toBe('podman')
    expect(['deadlock', 'livelock']).toContain(result.outcome)
    expect(result.diagnosis?.class).toBe('signal-reentrancy')
    expect(await leftContainers(result.id, 'podman')).toEqual([])
  })

  it('sweeps, and hangs at the same instruction', async () => {
    const { result } = await runCellFromCommandLine([
      ...['--engine', 'podman', '--glibc-version', '2.31', '--gcc-version', '10'],
      ...['--go-version', '1.17', '--experiment', 'sweep'],
    ])
    expect(result.outcome).toBe('deadlock')
    expect(result.sweep?.failures[0]?.at?.function).toBe('pthread_mutex_lock')
    expect(result.diagnosis?.confidence).toBe('proven')
    expect(await leftContainers(result.id, 'podman')).toEqual([])
  })
})
