import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from './runner.js'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

export interface SourceRun {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface SourceOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Text for standard input, which then ends; null keeps it open for `onOutput` to write to */
  readonly input?: string | null
  /** Called whenever standard output or standard error grew; may send a signal */
  readonly onOutput?: (run: Omit<SourceRun, 'exitCode'>, child: ChildProcess) => void
}

/** Runs the command line from its sources, without a terminal. */
export async function runSource(
  args: readonly string[],
  options: SourceOptions = {},
): Promise<SourceRun> {
  const main = join(ROOT, 'src', 'cli', 'main.ts')
  const child = spawn(process.execPath, ['--import', TSX, main, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      text[name] += chunk.toString()
      options.onOutput?.(text, child)
    })
  }
  child.stdin.on('error', () => undefined)
  if (options.input !== null) child.stdin.end(options.input ?? '')
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, ...text }
}
