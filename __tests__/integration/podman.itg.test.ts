import { describe, expect, it } from 'vitest'
import { runCellFromCommandLine } from '../helpers/command-line.js'
import { leftContainers } from '../helpers/leftovers.js'

describe('podman, by the same path', () => {
  it('finds the deadlock, names the same culprit and leaves nothing behind', async () => {
    const { result } = await runCellFromCommandLine([
      ...['--engine', 'podman', '--glibc-version', '2.31', '--gcc-version', '10'],
      ...['--go-version', '1.17'],
    ])
    expect(result.engine.name).toBe('podman')
    expect(['deadlock', 'livelock']).toContain(result.outcome)
    expect(result.diagnosis?.class).toBe('signal-reentrancy')
    expect(await leftContainers(result.id, 'podman')).toEqual([])
  })
})
