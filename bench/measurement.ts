import type { Workplace } from './workplace.js'

/** One line of the table; every cell is text with its unit. */
export interface Row {
  readonly what: string
  readonly ours: string
  /** What it is compared with, and that one's own figure */
  readonly beside: string
  /** Ours divided by that */
  readonly ratio: string
  readonly goal: string
  /** Null where there is no goal */
  readonly met: boolean | null
}

/** What one measure gave. */
export interface Measurement {
  readonly title: string
  /** How it is measured and what it is compared with; a sentence each */
  readonly how: readonly string[]
  readonly rows: readonly Row[]
  /** Single runs and noise, so that nobody has to trust a median; a sentence each */
  readonly notes: readonly string[]
}

/** Something that can be measured, `runs` times over (pairs, where it is compared pair by pair). */
export interface Measure {
  readonly runs: number
  readonly measure: (workplace: Workplace, runs: number) => Promise<Measurement>
}
