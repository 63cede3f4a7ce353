import { judgeExposures } from '../exposure/exposure.js'
import type { Exposure } from '../exposure/schema.js'
import { boundText, exposureSentences } from '../exposure/words.js'
import type { Counts, Conclusion, Expect, Outcome } from '../result/schema.js'
import type { Ending } from '../watch/types.js'
import type { Diagnosis } from './schema.js'

/** What the verdict rests on. */
export interface OutcomeEvidence {
  readonly ending: Ending
  /** Null when no dump was taken or it could not be read */
  readonly diagnosis: Diagnosis | null
  readonly counts: Counts
  /** Whether a symbolizer is linked into the program; null where that is not known (an image of the user's own) */
  readonly symbolizer: boolean | null
  /** Whether the sampler saw at least one thread of the program run; what a program without counters is judged by */
  readonly threadsRan: boolean
  /** What speaks against a clean bill although the whole duration passed, a sentence's part each */
  readonly doubts?: readonly string[]
}

export interface OutcomeDecision {
  readonly outcome: Outcome
  /** One sentence: the diagnosis' headline, or what was seen where there is none */
  readonly headline: string
  /** What the outcome follows from, a sentence each */
  readonly reasons: readonly string[]
}

/**
 * What happened, from how the run ended and what the dump showed. Only evidence makes a verdict: a deadlock or
 * livelock needs a proven or strong diagnosis, `clean` needs counters (or running threads) that say something was
 * exercised; everything else is `stalled` or `inconclusive` and says what was missing.
 */
export function decideOutcome(evidence: OutcomeEvidence): OutcomeDecision {
  const { ending, diagnosis } = evidence
  if (ending.reason === 'cancelled')
    return decision('cancelled', `The run was cancelled after ${seconds(ending.atMs)}.`)
  const fault = diagnosis === null ? null : faultOf(diagnosis)
  if (fault !== null && diagnosis !== null)
    return decision(fault, diagnosis.headline, [
      `The diagnosis is ${diagnosis.class}, ${diagnosis.confidence}.`,
      endingWords(ending),
    ])
  if (ending.reason === 'lost')
    return decision(
      'inconclusive',
      `The watch was lost after ${seconds(ending.atMs)}: ${ending.detail}.`,
      ['What happened afterwards is not known.'],
    )
  if (ending.reason === 'exited') return decideExit(ending, diagnosis)
  if (ending.reason === 'duration') return decideDuration(evidence)
  return decideStall(ending, diagnosis)
}

/** The outcome that a diagnosis alone is enough for, or null. */
function faultOf(diagnosis: Diagnosis): Outcome | null {
  if (diagnosis.confidence === 'weak') return null
  const { failure } = diagnosis
  return failure === 'none' || failure === 'unknown' ? null : failure
}

type Exited = Extract<Ending, { reason: 'exited' }>

/** Signals that a program gets from its own fault; others come from outside. */
const FAULT_SIGNALS = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGTRAP',
  'SIGSYS',
])

/** True for a signal that a program gets from its own fault. */
export function isFaultSignal(signal: string): boolean {
  return FAULT_SIGNALS.has(signal)
}

/** What an init reports for a child that a signal ended: 128 + number. */
const CODES_OF_SIGNALS: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  130: 'SIGINT',
  131: 'SIGQUIT',
  132: 'SIGILL',
  133: 'SIGTRAP',
  134: 'SIGABRT',
  135: 'SIGBUS',
  136: 'SIGFPE',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
  159: 'SIGSYS',
}

function decideExit(ending: Exited, diagnosis: Diagnosis | null): OutcomeDecision {
  const at = seconds(ending.atMs)
  if (ending.oomKilled)
    return decision(
      'inconclusive',
      `The program ran out of memory and was killed after ${at}: give it more memory (run-options: --memory), or less to do.`,
    )
  const signal = ending.signal ?? CODES_OF_SIGNALS[ending.code ?? 0] ?? null
  if (signal !== null && isFaultSignal(signal))
    return decision(
      'crash',
      diagnosis?.failure === 'crash'
        ? diagnosis.headline
        : `The program crashed with ${signal} after ${at}.`,
      [endingWords(ending)],
    )
  if (signal !== null)
    return decision(
      'inconclusive',
      `The program was ended from outside, by ${signal}, after ${at}.`,
      ['Nothing was proven until then.'],
    )
  return decision(
    'exited',
    `The program ended by itself after ${at}, with exit code ${ending.code ?? 'unknown'}.`,
    [
      'It showed no deadlock until then, but a program that ends early was not watched for the whole duration.',
    ],
  )
}

function decideStall(ending: Ending, diagnosis: Diagnosis | null): OutcomeDecision {
  const seen =
    ending.reason === 'silent'
      ? `The program printed nothing for ${seconds(ending.silentMs)}`
      : 'A thread of the program made no more progress'
  const why =
    diagnosis === null
      ? 'There is no dump that could tell why.'
      : diagnosis.confidence === 'weak' && diagnosis.failure !== 'unknown'
        ? `The dump only hints at the reason: ${diagnosis.headline}`
        : `The dump does not prove a deadlock: ${diagnosis.headline}`
  return decision('stalled', `${seen}, but no deadlock is proven.`, [
    why,
    ...(diagnosis?.raise ? [diagnosis.raise] : []),
  ])
}

function decideDuration(evidence: OutcomeEvidence): OutcomeDecision {
  const { doubts = [] } = evidence
  if (doubts.length > 0)
    return decision(
      'stalled',
      `No deadlock is proven in ${seconds(evidence.counts.seconds * 1000)}, but the program did not stay well: ${doubts.join('; ')}.`,
      doubts.map((doubt) => `Seen: ${doubt}.`),
    )
  const missing = missingEvidence(evidence)
  const { counts } = evidence
  if (missing.length > 0)
    return decision(
      'inconclusive',
      `No deadlock in ${seconds(counts.seconds * 1000)}, but the run proves nothing: ${missing.join('; ')}.`,
      missing.map((each) => `Missing: ${each}.`),
    )
  const exposure = judgeExposures(counts)
  return decision('clean', cleanHeadline(counts, exposure), [
    'The whole duration passed without a thread that stood still or ran in a circle.',
    ...(exposure === null ? [] : exposureSentences(exposure)),
  ])
}

/** What a clean verdict would need and this run does not have. */
function missingEvidence({ counts, symbolizer, threadsRan }: OutcomeEvidence): string[] {
  const counted = counts.throws !== null || counts.signals !== null || counts.unwinds !== null
  if (!counted) return threadsRan ? [] : ['no thread of the program was seen running']
  const missing: string[] = []
  if ((counts.throws ?? 0) <= 0) missing.push('no C++ exception was thrown')
  if (symbolizer === false) return missing
  if ((counts.signals ?? 0) <= 0) missing.push('no signal reached the traceback in C code')
  if ((counts.unwinds ?? 0) <= 0) missing.push('no handler finished a traceback')
  return missing
}

function cleanHeadline(counts: Counts, exposure: Exposure | null): string {
  const parts = [
    plural(counts.throws, 'C++ exception'),
    plural(counts.signals, 'signal'),
    plural(counts.unwinds, 'unwind from a handler', 'unwinds from a handler'),
  ].filter((part) => part !== null)
  const over = parts.length === 0 ? '' : ` over ${joined(parts)}`
  const bound = exposure === null ? '' : `: ${boundText(exposure)}`
  return `No deadlock in ${seconds(counts.seconds * 1000)}${over}${bound}.`
}

/**
 * Pass or fail against what was expected. Cancelled and inconclusive are neither. `exited` passes with code 0, in the
 * way a clean run does.
 */
export function conclude(
  outcome: Outcome,
  expect: Expect,
  facts: { readonly class: Diagnosis['class'] | null; readonly exitCode: number | null },
): Conclusion {
  switch (outcome) {
    case 'inconclusive':
    case 'cancelled':
      return 'neither'
    case 'deadlock':
    case 'livelock':
      return passIf(expect !== 'no-deadlock')
    case 'crash':
    case 'terminated':
      return passIf(
        expect === 'any' || (expect === 'deadlock' && facts.class === 'signal-reentrancy'),
      )
    case 'stalled':
      return passIf(expect === 'any')
    case 'exited':
      return passIf(expect === 'any' || (expect === 'no-deadlock' && facts.exitCode === 0))
    case 'clean':
    case 'immune':
      return passIf(expect !== 'deadlock')
  }
}

function passIf(passed: boolean): Conclusion {
  return passed ? 'pass' : 'fail'
}

function decision(
  outcome: Outcome,
  headline: string,
  reasons: readonly string[] = [],
): OutcomeDecision {
  return { outcome, headline, reasons }
}

function endingWords(ending: Ending): string {
  const at = seconds(ending.atMs)
  switch (ending.reason) {
    case 'silent':
      return `The program had printed nothing for ${seconds(ending.silentMs)} when it was stopped, ${at} after its start.`
    case 'confirmed':
      return `The watch noticed it ${at} after the program's start; the thread had last moved at ${seconds(ending.suspicion.sinceMs)}.`
    case 'exited':
      return ending.signal === null
        ? `The program ended ${at} after its start, with exit code ${ending.code ?? 'unknown'}.`
        : `The program ended ${at} after its start, by ${ending.signal}.`
    case 'duration':
      return `The whole duration, ${at}, had passed.`
    case 'cancelled':
      return `The run was cancelled ${at} after the program's start.`
    case 'lost':
      return `The watch was lost ${at} after the program's start: ${ending.detail}.`
  }
}

/** `0.4 s`, `31 s`: one decimal below ten. */
function seconds(ms: number): string {
  const value = ms / 1000
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} s`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}

function plural(count: number | null, one: string, many = `${one}s`): string | null {
  return count === null ? null : `${number(count)} ${count === 1 ? one : many}`
}

function joined(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('')
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}
