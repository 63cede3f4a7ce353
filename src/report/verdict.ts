import type { ComparisonVerdict } from '../comparison/schema.js'
import type { Outcome, Result } from '../result/schema.js'

/** The verdict for a person. */
export interface Verdict {
  readonly icon: '✅' | '❌' | '⚠️'
  readonly tone: 'good' | 'bad' | 'unsure'
  /** What happened, in one or two words */
  readonly title: string
  /** How that compares with what was expected */
  readonly against: string
}

const TITLES: Readonly<Record<Outcome, string>> = {
  deadlock: 'Deadlock',
  livelock: 'Livelock',
  crash: 'Crash',
  terminated: 'Terminated by std::terminate',
  stalled: 'Stalled',
  clean: 'Clean',
  immune: 'Immune',
  exited: 'Exited by itself',
  inconclusive: 'Inconclusive',
  cancelled: 'Cancelled',
}

const EXPECTED: Readonly<Record<Result['expect'], string>> = {
  'no-deadlock': 'no deadlock',
  deadlock: 'a deadlock',
  any: 'any outcome',
}

const COMPARED: Readonly<Record<ComparisonVerdict, string>> = {
  fixed: 'Fixed',
  'still-safe': 'Still safe',
  'still-deadlocks': 'Still deadlocks (known)',
  'newly-deadlocks': 'Newly deadlocks',
  'no-longer-unwinds': 'No longer unwinds',
  unclear: 'Unclear',
}

/** What a verdict is made of. */
export type Judged = Pick<Result, 'outcome' | 'expect' | 'conclusion'> &
  Partial<Pick<Result, 'comparison'>>

/** Icon, title and comparison for the top of every report. */
export function verdictOf(result: Judged): Verdict {
  const comparison = result.comparison ?? null
  const title = comparison === null ? TITLES[result.outcome] : COMPARED[comparison.verdict]
  const expected =
    comparison === null ? `expected ${EXPECTED[result.expect]}` : `compared with ${comparison.to}`
  if (comparison?.verdict === 'still-deadlocks' && result.conclusion === 'pass')
    return { icon: '⚠️', tone: 'unsure', title, against: `pass: ${expected}` }
  switch (result.conclusion) {
    case 'pass':
      return { icon: '✅', tone: 'good', title, against: `pass: ${expected}` }
    case 'fail':
      return { icon: '❌', tone: 'bad', title, against: `fail: ${expected}` }
    case 'neither':
      return { icon: '⚠️', tone: 'unsure', title, against: `neither pass nor fail: ${expected}` }
  }
}
