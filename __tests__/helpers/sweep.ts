import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseSweepLine } from '../../src/sweep/events.js'
import type { SweepEvent } from '../../src/sweep/events.js'
import { placeText } from '../../src/sweep/place.js'
import { addToTrials } from '../../src/sweep/trial.js'
import type { Trial, Trials } from '../../src/sweep/trial.js'
import type { SweepPlace } from '../../src/sweep/schema.js'
import { compile, follow, start } from './native.js'
import type { Stream } from './native.js'

const run = promisify(execFile)

/** Programs to be swept. */
export const SWEPT = join(import.meta.dirname, '../fixtures/sweep')
export const SIGPROF = 27

/** Compiles one of them. */
export async function compileSwept(
  name: string,
  folder: string,
  flags: readonly string[] = [],
): Promise<string> {
  const out = join(folder, name)
  if (!name.endsWith('.cc'))
    return compile(join(SWEPT, `${name}.c`), out, ['-Wno-unused', ...flags])
  await run('g++', ['-O1', '-pthread', ...flags, '-o', out, join(SWEPT, name)])
  return out
}

/** Starts the native sweep. A line that is no event fails the test. */
export function startSweep(sweep: string, args: readonly string[]): Stream<SweepEvent> {
  return follow(start(sweep, args), (line) => {
    const event = parseSweepLine(line)
    if (event === null) throw new Error(`not an event: ${line}`)
    return event
  })
}

/** Waits until it has ended. What it said, process by process. */
export async function finishSweep(stream: Stream<SweepEvent>): Promise<Trials> {
  const over = stream.next(() => false)
  await over.catch(() => undefined)
  const trials: Trials = []
  for (const event of stream.seen) addToTrials(trials, event)
  return trials
}

/** The place of a number in a trial, in words. */
export function where(trial: Trial | undefined, number: number | null | undefined): string {
  const place: SweepPlace | undefined =
    number === null || number === undefined ? undefined : trial?.atlas.places[number]
  return place === undefined ? 'nowhere' : placeText(place)
}

/** A field of a process's status; null when it is gone. */
export function statusOf(pid: number | undefined, field: string): string | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? null
  } catch {
    return null
  }
}

/** Ids of a process's children. */
export function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .map(Number)
    .filter((id) => id > 0)
}

/** Processes whose command line holds a text. */
export function pidsWith(text: string): string[] {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(text)
    } catch {
      return false
    }
  })
}
