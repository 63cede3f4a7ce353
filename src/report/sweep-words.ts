import { basename } from 'node:path'
import { placeText } from '../sweep/place.js'
import type { DeadlyMap, DeadlyWindow, Sweep, SweepFailure, SweepPlace } from '../sweep/schema.js'
import { count, countOf, listed, passageName, shareText } from '../sweep/words.js'

/** What was done, and how much of it, in two or three sentences. */
export function sweepSentences(sweep: Sweep): string[] {
  const sum = (read: (row: Sweep['tried'][number]) => number): number =>
    sweep.tried.reduce((total, row) => total + read(row), 0)
  const signals = sum((row) => row.signals)
  const entered = sweep.tried.every((row) => row.entered !== null)
    ? sum((row) => row.entered ?? 0)
    : null
  const names = listed(sweep.signals.map(({ name }) => name))
  const came = sum((row) => row.returned)
  const seen =
    entered === null || sweep.observed === null
      ? ''
      : ` ${handlers(entered, signals)} seen to enter ${sweep.observed.function ?? placeText(sweep.observed)} and`
  return [
    `${names} was put at one instruction after the other of ${passageName(sweep.function)}, from the first of ${sweep.function}${ENDS[sweep.ends ?? 'unknown']}.`,
    signals === 0
      ? 'No signal was sent.'
      : `In ${sweep.seconds.toFixed(1)} s ${countOf(signals, 'signal was', 'signals were')} sent;${seen} ${handlers(came, signals)} seen to come back.`,
    ...(sweep.handlerSteps === null
      ? []
      : [`One handler takes ${countOf(sweep.handlerSteps, 'instruction')}.`]),
  ]
}

const ENDS = {
  again: ' until the same thread came to it again',
  caught: ' until its caller had caught the exception',
  returned: ' until it returned',
  unknown: '',
} as const

function handlers(number: number, of: number): string {
  return number === of && of > 1
    ? 'each handler was'
    : countOf(number, 'handler was', 'handlers were')
}

/** A failure in a sentence: what, where, and what the thread does since. */
export function failureSentence(failure: SweepFailure, swept: string): string {
  const { kind, signal, step, at, waiting, temperature, pattern, phase } = failure
  const where = at === null ? '' : `, before ${placeText(at)}`
  const then = waiting === null ? '' : `; the thread is now at ${placeText(waiting)}`
  const handler = phase === 'handler' ? 'its handler never came back' : 'its handler had come back'
  return `${KINDS[kind]}: ${signal.name} at step ${count(step)} of ${passageName(swept)}${where} (${temperature}, ${pattern}); ${handler}${then}.`
}

const KINDS = {
  deadlock: 'Deadlock',
  livelock: 'Livelock',
  crash: 'Crash',
  terminated: 'std::terminate',
} as const

/** A window of the map in a sentence. */
export function windowSentence(window: DeadlyWindow): string {
  const { from, to, kinds, first, last, locked, signals, waiting } = window
  const lock = locked ? ', which takes or gives back a lock' : ''
  const then = waiting === null ? '' : `; the thread was then at ${placeText(waiting)}`
  return `${stepsText(from, to)}, ${rangeOfPlaces(first, last)}${lock}: ${listed(kinds)} by ${listed(signals)}${then}.`
}

/** How much of the passage is deadly, and what that means for a signal at a random moment. */
export function mapSentences(map: DeadlyMap): string[] {
  const { decided, of, complete, deadly, windows, shareOfInstructions, time, processes } = map
  const { afterOthers } = map
  const found = new Set(deadly.map(({ step }) => step)).size
  const some = complete
    ? `Each of the ${countOf(of, 'instruction')} that can take a signal was decided`
    : `Only ${count(decided)} of the ${countOf(of, 'instruction')} that can take a signal were decided`
  return [
    `${some}, with ${countOf(processes, 'fresh process', 'fresh processes')}: ${count(found)} (${shareText(shareOfInstructions)}) ${found === 1 ? 'is' : 'are'} deadly, in ${countOf(windows.length, 'window')}.`,
    ...(afterOthers === 0
      ? []
      : [
          `At ${afterOthers} more a process failed only after signals at other instructions, which had left something behind; alone ${afterOthers === 1 ? 'it was' : 'they were'} survived.`,
        ]),
    ...(time === null ? [] : timeSentences(time)),
  ]
}

function timeSentences(time: NonNullable<DeadlyMap['time']>): string[] {
  const { samples, share, low, high, secondsToHang, hangsPerHour } = time
  const range = `95 % confidence: ${shareText(low)} to ${shareText(high)}`
  return [
    `Of ${countOf(samples, 'look')} at random moments, ${shareText(share)} found the thread at a deadly instruction (${range}).`,
    secondsToHang === null
      ? 'So none of the hangs that a profiler at 100 signals a second could cause was predicted.'
      : `So a profiler that sends 100 signals a second to a program that does only this is predicted to hang it after ${duration(secondsToHang)} on average, or ${hangsPerHour < 10 ? hangsPerHour.toFixed(1) : count(Math.round(hangsPerHour))} times in an hour if it could go on.`,
  ]
}

/** `0.2 s`, `3.1 minutes`, `5.2 hours`, `41.0 days` */
function duration(seconds: number): string {
  const units: [limit: number, seconds: number, name: string][] = [
    [120, 1, 's'],
    [7200, 60, 'minutes'],
    [172_800, 3600, 'hours'],
    [Infinity, 86_400, 'days'],
  ]
  const [, unit, name] = units.find(([limit]) => seconds < limit) ?? [0, 1, 's']
  const value = seconds / unit
  return `${value < 0.1 ? value.toPrecision(1) : value.toFixed(1)} ${name}`
}

/** `Step 256`, `Steps 256–264` */
export function stepsText(from: number, to: number): string {
  return `${from === to ? 'Step' : 'Steps'} ${rangeText(from, to)}`
}

/** `256`, `256–264` */
export function rangeText(from: number, to: number): string {
  return from === to ? count(from) : `${count(from)}–${count(to)}`
}

/** @example 'pthread_mutex_lock+241 to +282 (libpthread-2.31.so)' */
export function rangeOfPlaces(first: SweepPlace, last: SweepPlace): string {
  if (first.file === last.file && first.offset === last.offset) return placeText(first)
  if (first.file !== last.file || first.function !== last.function)
    return `${placeText(first)} to ${placeText(last)}`
  const file = first.file === null ? '' : basename(first.file)
  if (first.function === null)
    return `${file === '' ? '' : `${file}+`}${first.offset} to +${last.offset}`
  const range = `${first.function}+${first.functionOffset ?? 0} to +${last.functionOffset ?? 0}`
  return file === '' ? range : `${range} (${file})`
}
