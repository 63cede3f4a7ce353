import { readdirSync, readFileSync } from 'node:fs'
import { scrubEnvironment } from '../../src/environment.js'
import { runCommand } from '../../src/exec.js'

/** Ids of containers that a run left behind; all runs' when no id is given. */
export async function leftContainers(
  runId?: string,
  engine = 'docker',
  environment: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const label = `label=cgo-deadlock.run${runId === undefined ? '' : `=${runId}`}`
  const { stdout } = await runCommand(engine, ['ps', '--all', '--quiet', '--filter', label], {
    env: { ...scrubEnvironment(process.env), ...environment },
    deadlineMs: 60_000,
  })
  return stdout.split('\n').filter((id) => id !== '')
}

/** Command lines of the processes of a session that live. */
export function leftProcesses(session: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readSession(pid) === session)
    .map((pid) => readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
}

/** The session is the fourth field after the name, which stands in brackets (proc(5), stat); a zombie is no process that lives. */
function readSession(pid: string): number | undefined {
  const stat = readText(`/proc/${pid}/stat`)
  const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state === 'Z' ? undefined : Number(session)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
