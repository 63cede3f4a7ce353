import { signalName } from '../gdb/signals.js'
import type { PassageEvent } from './events.js'
import type { Pattern, SweepTried, Temperature } from './schema.js'
import { STRIDE } from './series.js'
import type { Trials } from './trial.js'

/** Of the instructions that can take a signal, so many must have had one: fewer prove nothing. */
export const ENOUGH = 0.99

export function patternOf(passage: Pick<PassageEvent, 'stride'>): Pattern {
  return passage.stride === 1 ? 'dense' : 'strided'
}

/** One row for each signal and pattern that was tried, in the order of the tries. */
export function tallyTrials(trials: Trials, temperature: Temperature): SweepTried[] {
  const rows = new Map<string, SweepTried>()
  for (const { passages, ready } of trials) {
    for (const passage of passages.filter(({ kind }) => kind === 'signals')) {
      const key = `${passage.signal}/${passage.stride}`
      const row = rows.get(key) ?? emptyRow(passage, temperature)
      rows.set(key, addPassage(row, passage, (ready?.observed ?? null) !== null))
    }
  }
  return [...rows.values()].map((row) => ({ ...row, complete: isComplete(row) }))
}

function emptyRow(passage: PassageEvent, temperature: Temperature): SweepTried {
  return {
    temperature,
    pattern: patternOf(passage),
    signal: { number: passage.signal, name: signalName(passage.signal) },
    throws: 0,
    steps: 0,
    signals: 0,
    entered: null,
    returned: 0,
    leftOut: { repeated: 0, blocked: 0, avoided: 0 },
    complete: false,
    seconds: 0,
  }
}

function addPassage(row: SweepTried, passage: PassageEvent, observed: boolean): SweepTried {
  const whole = passage.ended !== null && passage.failure === null && passage.trouble === null
  return {
    ...row,
    throws: row.throws + (whole ? 1 : 0),
    steps: Math.max(row.steps, passage.steps),
    signals: row.signals + passage.signals,
    entered: observed ? (row.entered ?? 0) + passage.entered : row.entered,
    returned: row.returned + passage.returned,
    leftOut: {
      // Every passage makes the same rounds; they are no instructions of their own.
      repeated: Math.max(row.leftOut.repeated, passage.rounds),
      blocked: row.leftOut.blocked + passage.blocked,
      avoided: row.leftOut.avoided + passage.avoided,
    },
    seconds: row.seconds + passage.ns / 1e9,
  }
}

function isComplete(row: SweepTried): boolean {
  return row.throws >= (row.pattern === 'dense' ? 1 : STRIDE)
}

/** Share of the instructions that had a signal: rounds of a repeated instruction are not counted as instructions. */
export function shareTried(row: SweepTried): number {
  const instructions = row.steps - row.leftOut.repeated
  return instructions <= 0 ? 0 : Math.min(1, row.signals / instructions)
}
