import type { Conclusion, Expect, Result } from '../result/schema.js'
import { unwinds } from '../traceback/words.js'
import { deadlinessOf, deadlinessText } from './deadliness.js'
import type { ComparisonVerdict } from './schema.js'

/** What of a run is compared. */
export type Side = Pick<Result, 'outcome' | 'headline' | 'sweep' | 'traceback'>

type State = 'bad' | 'safe' | 'unclear'

/**
 * What a change of the symbolizer did, by runs without and with it. One that no longer unwinds is not fixed: a handler that
 * looks at nothing can't hang, and gives nobody a stack.
 */
export function compareSides(base: Side, head: Side): ComparisonVerdict {
  const before = stateOf(base)
  const after = stateOf(head)
  if (before === 'unclear' || after === 'unclear') return 'unclear'
  if (after === 'bad') return before === 'bad' ? 'still-deadlocks' : 'newly-deadlocks'
  const saw = sight(base)
  const sees = sight(head)
  if (sees === false && saw !== false) return 'no-longer-unwinds'
  if (before === 'safe') return 'still-safe'
  return sees === true ? 'fixed' : 'unclear'
}

function stateOf({ outcome }: Side): State {
  switch (outcome) {
    case 'deadlock':
    case 'livelock':
    case 'crash':
    case 'terminated':
      return 'bad'
    case 'clean':
    case 'immune':
      return 'safe'
    case 'stalled':
    case 'exited':
    case 'inconclusive':
    case 'cancelled':
      return 'unclear'
  }
}

function sight({ traceback }: Side): boolean | null {
  return traceback === null ? null : unwinds(traceback)
}

/** The verdict in a sentence or two. `name` says what the change is compared with. */
export function comparisonText(
  verdict: ComparisonVerdict,
  base: Side,
  head: Side,
  name: string,
): string {
  const figures = deadlinessText(deadlinessOf(base.sweep), deadlinessOf(head.sweep))
  return `${SENTENCES[verdict]} Compared with ${name}: ${figures}.${reasonText(verdict, base, head)}`
}

const SENTENCES: Readonly<Record<ComparisonVerdict, string>> = {
  fixed: 'Fixed: a signal could hang a throw before this change, and no longer can.',
  'still-safe': 'Still safe: a signal can’t hang a throw, neither before this change nor with it.',
  'still-deadlocks':
    'Still deadlocks (known): a signal can hang a throw with this change as before it.',
  'newly-deadlocks': 'Newly deadlocks: this change lets a signal hang a throw.',
  'no-longer-unwinds':
    'No longer unwinds: with this change the symbolizer gives no frame of C, so that it can’t hang and shows nothing either.',
  unclear: 'Unclear: what this change does could not be told.',
}

function reasonText(verdict: ComparisonVerdict, base: Side, head: Side): string {
  if (verdict !== 'unclear') return ''
  const sides = [
    { which: 'Before the change', side: base },
    { which: 'With the change', side: head },
  ]
  const unknown = sides.filter(({ side }) => stateOf(side) === 'unclear')
  if (unknown.length === 0) return ' Whether the symbolizer still unwinds could not be looked at.'
  return unknown.map(({ which, side }) => ` ${which}: ${side.headline}`).join('')
}

/** Pass or fail of a change: what was as bad before is not its fault. */
export function concludeComparison(verdict: ComparisonVerdict, expect: Expect): Conclusion {
  if (verdict === 'unclear') return 'neither'
  if (expect === 'any') return 'pass'
  return verdict === 'newly-deadlocks' || verdict === 'no-longer-unwinds' ? 'fail' : 'pass'
}
