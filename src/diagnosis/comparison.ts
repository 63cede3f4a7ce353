import { deadlinessOf, deadlinessText } from '../comparison/deadliness.js'
import type { ComparisonVerdict } from '../comparison/schema.js'
import { faultOf } from '../result/fault.js'
import type { Fault } from '../result/fault.js'
import type { Conclusion, Expect, Result } from '../result/schema.js'
import { unwinds } from '../traceback/words.js'

/** What a comparison rests on. */
export type Side = Pick<Result, 'outcome' | 'traceback'>

/**
 * What a change of the symbolizer did, by runs without and with it. One that no longer unwinds is not fixed: a handler that
 * looks at nothing can't hang, and gives nobody a stack.
 */
export function compareSides(base: Side, head: Side): ComparisonVerdict {
  const [before, after] = [shownOf(base), shownOf(head)]
  if (before === 'open' || after === 'open') return 'unclear'
  if (after === 'fault') return before === 'fault' ? 'still-deadlocks' : 'newly-deadlocks'
  const [saw, sees] = [sight(base), sight(head)]
  if (sees === false && saw !== false) return 'no-longer-unwinds'
  if (before === 'none') return 'still-safe'
  return sees === true ? 'fixed' : 'unclear'
}

/** Of what a side shows only proof counts: a run that met no fault may just have been lucky. */
function shownOf({ outcome }: Pick<Result, 'outcome'>): Fault {
  return outcome === 'clean' ? 'open' : faultOf(outcome)
}

function sight({ traceback }: Side): boolean | null {
  return traceback === null ? null : unwinds(traceback)
}

/** Pass or fail of a change: what was as bad before is not its fault. */
export function concludeComparison(verdict: ComparisonVerdict, expect: Expect): Conclusion {
  if (verdict === 'unclear') return 'neither'
  if (expect === 'any') return 'pass'
  return verdict === 'newly-deadlocks' || verdict === 'no-longer-unwinds' ? 'fail' : 'pass'
}

/** What a comparison is told by. */
export type ToldSide = Side & Pick<Result, 'headline' | 'sweep'>

/** The verdict in a sentence or two. `name` says what the change is compared with. */
export function comparisonText(
  verdict: ComparisonVerdict,
  base: ToldSide,
  head: ToldSide,
  name: string,
): string {
  const figures = deadlinessText(deadlinessOf(base.sweep), deadlinessOf(head.sweep))
  const reasons = verdict === 'unclear' ? reasonsText(base, head) : ''
  return `${SENTENCES[verdict]} Compared with ${name}: ${figures}.${reasons}`
}

const SENTENCES: Readonly<Record<ComparisonVerdict, string>> = {
  fixed: 'Fixed: a signal could break a throw before this change, and no longer can.',
  'still-safe': 'Still safe: a signal can’t break a throw, neither before this change nor with it.',
  'still-deadlocks':
    'Still deadlocks (known): a signal can break a throw with this change as before it.',
  'newly-deadlocks': 'Newly deadlocks: this change lets a signal break a throw.',
  'no-longer-unwinds':
    'No longer unwinds: with this change the symbolizer gives no frame of C beyond the interrupted one, so that it can’t hang and shows nothing either.',
  unclear: 'Unclear: what this change does could not be told.',
}

/** Why it is unclear: what proves nothing, or that nobody could see whether the symbolizer unwinds. */
function reasonsText(base: ToldSide, head: ToldSide): string {
  const sides = [
    { which: 'Before the change', side: base },
    { which: 'With the change', side: head },
  ]
  const open = sides.filter(({ side }) => shownOf(side) === 'open')
  if (open.length === 0) return ' Whether the symbolizer still unwinds could not be looked at.'
  return open.map(({ which, side }) => ` ${which}, without proof: ${side.headline}`).join('')
}
