import { placeText } from './place.js'
import type { Sweep, SweepFailure, SweepSignal, SweepTried, Temperature } from './schema.js'
import { ENOUGH, shareTried, takers } from './tally.js'
import { count, countOf, listed, passageName } from './words.js'
import type { EndReason } from './events.js'

/** What a sweep has to judge by. */
export interface SweepFacts {
  readonly function: string
  readonly signals: readonly SweepSignal[]
  /** Which throws were to be swept; cold ones need a process that can be started afresh */
  readonly temperatures: readonly Temperature[]
  readonly tried: readonly SweepTried[]
  readonly failures: readonly SweepFailure[]
  /** How the calls of the native sweep ended that did not end well */
  readonly ends: readonly {
    readonly temperature: Temperature
    readonly reason: EndReason | 'lost'
    readonly detail: string | null
  }[]
  /** A function that handlers were to be seen in, as it was asked for */
  readonly observe?: string | undefined
  /** True when the program is known to have a symbolizer, whose traceback function handlers must be seen to enter */
  readonly hasSymbolizer: boolean | null
  /** A traceback function was found */
  readonly observed: boolean
  readonly cancelled: boolean
}

export type SweepConclusion = Pick<Sweep, 'outcome' | 'headline' | 'missing' | 'notes'>

/**
 * What a sweep shows. A failure decides. Without one it is immune, but only when every signal came at every instruction of
 * a warm and of a cold throw, every handler was seen to enter its traceback function and to come back, and every throw
 * was completed; else it is inconclusive and says what is missing.
 */
export function concludeSweep(facts: SweepFacts): SweepConclusion {
  const notes = noteWhatWasLeftOut(facts)
  if (facts.cancelled)
    return { outcome: 'cancelled', headline: 'The sweep was cancelled.', missing: [], notes }
  const [failure] = facts.failures
  if (failure !== undefined)
    return { outcome: failure.kind, headline: failureHeadline(facts, failure), missing: [], notes }
  const missing = findMissing(facts)
  if (missing.length > 0) {
    const headline = `The sweep proves nothing: ${missing.join('; ')}.`
    return { outcome: 'inconclusive', headline, missing, notes }
  }
  return { outcome: 'immune', headline: immuneHeadline(facts), missing, notes }
}

const HAPPENED = {
  deadlock: 'its handler never came back: the thread waits for ever',
  livelock: 'the thread never came to an end: it runs in a circle',
  crash: 'the program crashed',
  terminated: 'the exception found no handler, and std::terminate was called',
} as const

/** @example 'A SIGPROF at step 256 of a throw, pthread_mutex_lock+241 (libpthread-2.31.so): its handler never came back …' */
export function failureHeadline(
  facts: Pick<SweepFacts, 'function'>,
  failure: SweepFailure,
): string {
  const at = failure.at === null ? '' : `, at ${placeText(failure.at)},`
  return `A ${failure.signal.name} at step ${count(failure.step)} of ${passageName(facts.function)}${at} and ${HAPPENED[failure.kind]}.`
}

function immuneHeadline({ function: swept, tried, signals }: SweepFacts): string {
  const names = listed(signals.map(({ name }) => name))
  const dense = tried.filter(({ pattern }) => pattern === 'dense')
  const instructions = dense.find(({ temperature }) => temperature === 'warm') ?? dense[0]
  const of = instructions === undefined ? 0 : takers(instructions)
  const some = (instructions?.leftOut.blocked ?? 0) > 0 ? ' that can take one' : ''
  const all = tried.reduce((sum, row) => sum + row.signals, 0)
  return `${names} came at each of the ${count(of)} instructions of ${passageName(swept)}${some}, ${countOf(all, 'signal')} in all, and every handler came back.`
}

const WHY: Readonly<Record<SweepFacts['ends'][number]['reason'], (facts: SweepFacts) => string>> = {
  done: () => '',
  failed: () => '',
  trouble: () => 'a passage could not be finished:',
  'no-gate': () => 'the program did not start',
  'no-function': (facts) => `no file of the program has a function ${facts.function}`,
  // The ELF symbol type STT_GNU_IFUNC: its address is that of a resolver, which nobody calls after the start.
  indirect: (facts) =>
    `${facts.function} only stands for one of several functions, of which the loader chooses one for this processor at the start (IFUNC): name that one, such as __memcpy_avx_unaligned_erms for memcpy; gdb shows it with “break ${facts.function}”`,
  'never-reached': (facts) => `no thread came to ${facts.function}`,
  'never-again': (facts) => `no thread came to ${facts.function} a second time`,
  'no-breakpoint': () => 'no breakpoint register can be had on this machine',
  'not-handled': () => 'the program has no handler for',
  blocked: () => 'every thread that came there had blocked',
  refused: () => 'the process may not be traced:',
  crashed: () => 'the program crashed by itself between two throws',
  gone: () => 'the program ended while it was swept',
  asked: () => 'the sweep was stopped',
  lost: () => 'the sweep itself was lost:',
}

function findMissing(facts: SweepFacts): string[] {
  const ended = facts.ends.flatMap((end) => {
    const why = WHY[end.reason](facts)
    if (why === '' || isExcused(facts, end)) return []
    return [`${why}${end.detail === null ? '' : ` ${end.detail}`} (${end.temperature} throws)`]
  })
  const rows = facts.temperatures
    .filter((temperature) => !isLeftOut(facts, temperature))
    .flatMap((temperature) => missingOf(facts, temperature))
  return [...new Set([...ended, ...(ended.length > 0 ? [] : rows), ...findUnseen(facts)])]
}

function findUnseen({ observe, hasSymbolizer, observed, ends }: SweepFacts): string[] {
  if (observed || ends.some(({ reason }) => reason !== 'never-again')) return []
  if (observe !== undefined)
    return [`no file of the program has a function ${observe}, so no handler was seen in it`]
  return hasSymbolizer === true
    ? ['the traceback function of the symbolizer was not found, so no handler was seen in it']
    : []
}

/** A program that throws but once has no warm throws to sweep. */
function isExcused(facts: SweepFacts, end: SweepFacts['ends'][number]): boolean {
  return end.temperature === 'warm' && end.reason === 'never-again' && isComplete(facts, 'cold')
}

function isLeftOut(facts: SweepFacts, temperature: Temperature): boolean {
  return facts.ends.some((end) => end.temperature === temperature && isExcused(facts, end))
}

function isComplete(facts: SweepFacts, temperature: Temperature): boolean {
  return facts.temperatures.includes(temperature) && missingOf(facts, temperature).length === 0
}

function missingOf(facts: SweepFacts, temperature: Temperature): string[] {
  return facts.signals.flatMap(({ number, name }) =>
    (['dense', 'strided'] as const).flatMap((pattern) => {
      const row = facts.tried.find(
        (each) =>
          each.temperature === temperature &&
          each.pattern === pattern &&
          each.signal.number === number,
      )
      const which = `${name}, ${temperature} throws, ${pattern}`
      return row === undefined || !row.complete
        ? [`not all was tried (${which})`]
        : lacks(row, which, facts.observe)
    }),
  )
}

function lacks(row: SweepTried, which: string, observe: string | undefined): string[] {
  const share = shareTried(row)
  return [
    ...(share < ENOUGH
      ? [`only ${(share * 100).toFixed(1)} % of the instructions had a signal (${which})`]
      : []),
    ...(row.entered !== null && row.entered < row.signals
      ? [
          `${countOf(row.signals - row.entered, 'handler')} of ${count(row.signals)} did not enter ${observe ?? 'the traceback function'} (${which})`,
        ]
      : []),
    ...(row.returned < row.signals
      ? [`${countOf(row.signals - row.returned, 'handler')} did not come back (${which})`]
      : []),
  ]
}

function noteWhatWasLeftOut(facts: SweepFacts): string[] {
  const sum = (read: (row: SweepTried) => number): number => Math.max(0, ...facts.tried.map(read))
  const repeated = sum(({ leftOut }) => leftOut.repeated)
  const blocked = sum(({ leftOut }) => leftOut.blocked)
  const avoided = sum(({ leftOut }) => leftOut.avoided)
  return [
    ...(repeated > 0
      ? [
          `${countOf(repeated, 'step')} were further rounds of a repeated string instruction; it had its signal in the first round.`,
        ]
      : []),
    ...(blocked > 0
      ? [
          `At ${countOf(blocked, 'instruction')} the thread had blocked the signal, so none can arrive there: it waits, and comes at the first instruction behind, which had one too.`,
        ]
      : []),
    ...(avoided > 0 ? [`${countOf(avoided, 'instruction')} were left out on request.`] : []),
    ...(facts.temperatures.includes('cold')
      ? []
      : ['Cold throws were left out: the process had been running already.']),
    ...(isLeftOut(facts, 'warm')
      ? ['Warm throws were left out: the program throws but once.']
      : []),
    ...(facts.observed || facts.hasSymbolizer === true
      ? []
      : ['No traceback function is set: as far as can be seen, handlers do not unwind C frames.']),
  ]
}
