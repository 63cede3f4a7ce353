import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scrubEnvironment } from '../../src/environment.js'
import { runCommand } from '../../src/exec.js'
import { Result } from '../../src/result/schema.js'
import { ROOT } from './runner.js'

const DEADLINE_MS = 900_000

export interface CommandLineRun {
  readonly exitCode: number | undefined
  /** Checked against the schema */
  readonly result: Result
  readonly stderr: string
  /** Folder of this run's files */
  readonly folder: string
}

/** Runs `cgo-deadlock run … --json` from the committed bundle, in a folder of its own. */
export async function runCellFromCommandLine(flags: readonly string[]): Promise<CommandLineRun> {
  const folder = await mkdtemp(join(tmpdir(), 'cgo-deadlock-cell-'))
  const output = await runCommandLine(['run', '--json', '--folder', folder, ...flags])
  if (output.stdout === '') throw new Error(`no result: ${output.stderr}`)
  const result = Result.parse(JSON.parse(output.stdout))
  return {
    exitCode: output.exitCode,
    result,
    stderr: output.stderr,
    folder: join(folder, result.id),
  }
}

/** Runs the committed command line bundle to its end. */
export async function runCommandLine(
  args: readonly string[],
  cwd?: string,
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  return runCommand(process.execPath, [join(ROOT, 'dist', 'cli', 'index.js'), ...args], {
    env: scrubEnvironment(process.env),
    deadlineMs: DEADLINE_MS,
    allowFailure: true,
    ...(cwd === undefined ? {} : { cwd }),
  })
}
