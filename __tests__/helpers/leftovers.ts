import { scrubEnvironment } from '../../src/environment.js'
import { runCommand } from '../../src/exec.js'

/** Ids of containers that a run left behind; all runs' when no id is given. */
export async function leftContainers(runId?: string, engine = 'docker'): Promise<string[]> {
  const label = `label=cgo-deadlock.run${runId === undefined ? '' : `=${runId}`}`
  const { stdout } = await runCommand(engine, ['ps', '--all', '--quiet', '--filter', label], {
    env: scrubEnvironment(process.env),
    deadlineMs: 60_000,
  })
  return stdout.split('\n').filter((id) => id !== '')
}
