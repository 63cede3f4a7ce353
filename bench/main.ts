import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { untilCancelled } from '../src/cancel.js'
import { CancelledError, errorMessage } from '../src/errors.js'
import { cold } from './cold.js'
import { dump } from './dump.js'
import { describeMachine } from './machine.js'
import type { Measure, Measurement } from './measurement.js'
import { readOptions } from './options.js'
import { documentText, tableText } from './report.js'
import { sweep } from './sweep.js'
import { verdict } from './verdict.js'
import { warm } from './warm.js'
import { watch } from './watch.js'
import { withWorkplace } from './workplace.js'

const MEASURES: Readonly<Record<string, Measure>> = { verdict, sweep, dump, watch, cold, warm }
/** 128 + SIGINT */
const EXIT_CANCELLED = 130
const DOCUMENT = join(import.meta.dirname, '..', 'docs', 'bench.md')

/** Runs the measures asked for, prints their table, and keeps it where that was asked for. */
async function bench(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { only, runs, write } = readOptions(args, Object.keys(MEASURES))
  const say = (line: string): boolean => process.stderr.write(`${line}\n`)
  await withWorkplace(signal, say, async (workplace) => {
    const machine = describeMachine(workplace.host.engine)
    const measurements: Measurement[] = []
    say(machine)
    for (const [name, { runs: usual, measure }] of Object.entries(MEASURES)) {
      if (!only.includes(name)) continue
      say(name)
      measurements.push(await measure(workplace, runs ?? usual))
    }
    process.stdout.write(tableText(measurements))
    for (const note of measurements.flatMap(({ notes }) => notes)) say(note)
    if (write) await writeFile(DOCUMENT, documentText(measurements, machine))
  })
}

try {
  await untilCancelled((signal) => bench(process.argv.slice(2), signal))
} catch (thrown) {
  process.stderr.write(`error: ${errorMessage(thrown)}\n`)
  process.exitCode = thrown instanceof CancelledError ? EXIT_CANCELLED : 1
}
