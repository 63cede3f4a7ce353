import { execFile, spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { parseSamplerLine } from '../../src/watch/sampler.js'
import type { SamplerEvent } from '../../src/watch/types.js'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
export const PROGRAMS = join(import.meta.dirname, '../fixtures/watch/programs')

/** A folder that is gone after the tests. */
export async function makeFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'native-'))
  return { path, remove: () => rm(path, { recursive: true }) }
}

/** Builds `native/NAME` as the tools image does; the path of the program. */
export async function buildNative(name: string, folder: string): Promise<string> {
  const out = join(folder, name)
  await run('make', ['-C', join(ROOT, 'native', name), '--always-make', `OUT=${out}`])
  return out
}

/** Compiles a C source to a program in the folder. */
export async function compile(
  source: string,
  out: string,
  flags: readonly string[] = [],
): Promise<string> {
  await run('gcc', ['-std=gnu11', '-O1', '-pthread', ...flags, '-o', out, source])
  return out
}

export type Child = ChildProcessByStdio<Writable, Readable, null>

export function start(command: string, args: readonly string[] = []): Child {
  return spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
}

/** Ends a process and waits until it is gone. */
export async function end(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

interface Next<T> {
  <U extends T>(wanted: (item: T) => item is U, after?: number): Promise<U>
  (wanted: (item: T) => boolean, after?: number): Promise<T>
}

/** A process and what its lines say; `next` looks at past and future ones. */
export interface Stream<T> {
  readonly child: Child
  readonly seen: readonly T[]
  readonly next: Next<T>
}

/** Reads a child's output line by line. `next` waits for a line; it fails when the child ends before. */
export function follow<T>(child: Child, read: (line: string) => T | null): Stream<T> {
  const seen: T[] = []
  const waiting = new Set<() => void>()
  let over = false
  const wake = (): void => waiting.forEach((check) => check())
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    const item = read(line)
    if (item !== null) seen.push(item)
    wake()
  })
  lines.on('close', () => {
    over = true
    wake()
  })
  function next(wanted: (item: T) => boolean, after = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      let at = after
      function check(): void {
        for (; at < seen.length; at += 1) {
          const item = seen[at]!
          if (!wanted(item)) continue
          waiting.delete(check)
          resolve(item)
          return
        }
        if (over)
          reject(new Error(`the process ended; its last lines: ${JSON.stringify(seen.slice(-5))}`))
      }
      waiting.add(check)
      check()
    })
  }
  return { child, seen, next }
}

export function followLines(child: Child): Stream<string> {
  return follow(child, (line) => line)
}

/** Starts the sampler beside a process. A line that it cannot parse fails the test. */
export function startSampler(
  sampler: string,
  root: number | undefined,
  args: readonly string[] = [],
): Stream<SamplerEvent> {
  const child = start(sampler, ['--root', String(root), ...args])
  return follow(child, (line) => {
    const event = parseSamplerLine(line)
    if (event === null) throw new Error(`not an event: ${line}`)
    return event
  })
}
