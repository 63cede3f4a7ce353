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

/** Icon, title and comparison for the top of every report. */
export function verdictOf(result: Pick<Result, 'outcome' | 'expect' | 'conclusion'>): Verdict {
  const title = TITLES[result.outcome]
  const expected = `expected ${EXPECTED[result.expect]}`
  switch (result.conclusion) {
    case 'pass':
      return { icon: '✅', tone: 'good', title, against: `pass: ${expected}` }
    case 'fail':
      return { icon: '❌', tone: 'bad', title, against: `fail: ${expected}` }
    case 'neither':
      return { icon: '⚠️', tone: 'unsure', title, against: `neither pass nor fail: ${expected}` }
  }
}
