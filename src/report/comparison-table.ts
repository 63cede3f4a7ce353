import { instructionsText, rateText } from '../comparison/deadliness.js'
import type { Comparison, Result } from '../result/schema.js'
import { count } from '../sweep/words.js'
import { timeText } from '../traceback/words.js'
import type { FactTable } from './sweep-tables.js'

/** What both sides are compared by. */
type Side = Pick<Result, 'outcome' | 'counts' | 'traceback' | 'toolchain'>

/** Both sides of a comparison, figure by figure; what neither has is left out. */
export function comparisonTable(head: Side, { base, deadly }: Comparison): FactTable {
  const rows: [what: string, of: (side: Side, which: 'base' | 'head') => string][] = [
    ['Outcome', ({ outcome }) => outcome],
    ['Deadly instructions', (_side, which) => instructionsText(deadly[which])],
    ['Predicted rate per signal', (_side, which) => rateText(deadly[which])],
    ['Frames of C in a traceback', framesText],
    ['Time of a traceback', ({ traceback }) => timeText(traceback?.microseconds ?? null)],
    ['C functions that the profile names', ({ traceback }) => traceback?.names.join(', ') ?? ''],
    ['Throws per second', throwsText],
    ['Symbolizer', ({ toolchain }) => symbolizerText(toolchain)],
  ]
  return {
    columns: [
      { name: '', kind: 'text' },
      { name: 'Before', kind: 'text' },
      { name: 'With the change', kind: 'text' },
    ],
    rows: rows
      .map(([what, of]) => [what, of(base, 'base'), of(head, 'head')])
      .filter(([, before, after]) => before !== '' || after !== ''),
  }
}

function framesText({ traceback }: Side): string {
  if (traceback === null || traceback.made === 0) return ''
  return (traceback.frames / traceback.made).toFixed(1)
}

function throwsText({ counts }: Side): string {
  return counts.throws === null || counts.seconds === 0
    ? ''
    : count(Math.round(counts.throws / counts.seconds))
}

function symbolizerText(toolchain: Side['toolchain']): string {
  const symbolizer = toolchain?.symbolizer ?? null
  return symbolizer === null ? '' : `${symbolizer.module} ${symbolizer.version}`
}
