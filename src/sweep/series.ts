import type { Temperature } from './schema.js'

/** Far enough apart that one signal's effect does not hide the next one's; as many throws then cover all. */
export const STRIDE = 16

/** Passages for native/sweep, in the words of its command line; several processes are divided by `next`. */
export interface Series {
  readonly temperature: Temperature
  readonly words: readonly string[]
}

/**
 * The warm series, on one process: its first throw goes by, one shows the way, then each signal densely (which fails
 * fast), then each in strides (the proof), last the locks. A failure ends it.
 */
export function warmSeries(signals: readonly number[]): Series {
  return {
    temperature: 'warm',
    words: [
      'skip',
      'plain',
      ...signals.map((signal) => `${signal}/1+0`),
      ...signals.flatMap((signal) => strides(signal)),
      ...signals.slice(0, 1).map((signal) => `locks=${signal}`),
    ],
  }
}

/**
 * The cold series: the same, each passage the first of a fresh process. It is in two parts, the second for when the warm
 * series is done: a cold throw takes twice the steps of a warm one, and each of its passages a process, so that nine of its
 * 16 strides take about as long as all warm ones and the rest.
 */
export function coldSeries(signals: readonly number[]): readonly [early: Series, late: Series] {
  const part = (from: number, to: number): string[] =>
    signals.flatMap((signal) => strides(signal).slice(from, to))
  const dense = signals.map((signal) => `${signal}/1+0`)
  return [
    freshSeries(['plain', ...dense, ...part(0, EARLY_STRIDES)]),
    freshSeries(['plain', ...part(EARLY_STRIDES, STRIDE)]),
  ]
}

const EARLY_STRIDES = 9

function freshSeries(passages: readonly string[]): Series {
  return {
    temperature: 'cold',
    words: passages.flatMap((word, index) => (index === 0 ? [word] : ['next', word])),
  }
}

/** One signal at every 16th step, the start moved by one from passage to passage. */
export function strides(signal: number): string[] {
  return Array.from({ length: STRIDE }, (_, start) => `${signal}/${STRIDE}+${start}`)
}
