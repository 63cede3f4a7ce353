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
  const tries = trials.flatMap(({ passages, ready }) =>
    passages
      .filter(({ kind }) => kind === 'signals')
      .map((passage) => ({ passage, observed: (ready?.observed ?? null) !== null })),
  )
  const key = ({ passage }: Try): string => `${passage.signal}/${passage.stride}`
  return [...new Set(tries.map(key))].map((row) =>
    tallyRow(
      tries.filter((each) => key(each) === row),
      temperature,
    ),
  )
}

interface Try {
  readonly passage: PassageEvent
  readonly observed: boolean
}

function tallyRow(tries: readonly Try[], temperature: Temperature): SweepTried {
  const passages = tries.map(({ passage }) => passage)
  const [first] = passages
  if (first === undefined) throw new Error('a row has at least one passage')
  const sum = (read: (passage: PassageEvent) => number): number =>
    passages.reduce((total, passage) => total + read(passage), 0)
  const observed = tries.some((each) => each.observed)
  const pattern = patternOf(first)
  const throws = passages.filter(isWhole).length
  return {
    temperature,
    pattern,
    signal: { number: first.signal, name: signalName(first.signal) },
    throws,
    steps: average(passages, ({ steps }) => steps),
    signals: sum(({ signals }) => signals),
    entered: observed ? sum(({ entered }) => entered) : null,
    returned: sum(({ returned }) => returned),
    leftOut: {
      // Every passage makes the same rounds; they are no instructions of their own.
      repeated: average(passages, ({ rounds }) => rounds),
      blocked: sum(({ blocked }) => blocked),
      avoided: sum(({ avoided }) => avoided),
    },
    complete: throws >= (pattern === 'dense' ? 1 : STRIDE),
    seconds: sum(({ ns }) => ns) / 1e9,
  }
}

function isWhole({ ended, failure, trouble }: PassageEvent): boolean {
  return ended !== null && failure === null && trouble === null
}

/** Of the whole passages: a program may take another way each time, and one that failed went only a part of it. */
function average(
  passages: readonly PassageEvent[],
  read: (passage: PassageEvent) => number,
): number {
  const whole = passages.filter(isWhole)
  const counted = whole.length > 0 ? whole : passages
  return Math.round(counted.reduce((total, each) => total + read(each), 0) / counted.length)
}

/**
 * Instructions of one passage that can take a signal. Rounds of a repeated instruction are none of their own. Where the
 * thread has the signal blocked the kernel keeps it pending and delivers it on the way out of the system call that unblocks it
 * (kernel/signal.c, recalc_sigpending), before the next instruction of the program: that one has a signal of its own.
 */
export function takers({ steps, leftOut }: Pick<SweepTried, 'steps' | 'leftOut'>): number {
  return steps - leftOut.repeated - leftOut.blocked
}

/** Share of the instructions that can take a signal and had one. */
export function shareTried(row: SweepTried): number {
  const instructions = takers(row)
  return instructions <= 0 ? 0 : Math.min(1, row.signals / instructions)
}
