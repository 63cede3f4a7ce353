import { unwinderText } from '../result/outputs.js'
import type { Result } from '../result/schema.js'
import { toneOf } from './compare.js'
import type { CompatCell, Versions } from './compat.js'
import type { ReadResult } from './read-results.js'

/** What the results of one cell say of it. */
export type Seen = Pick<
  CompatCell,
  | 'state'
  | 'tone'
  | 'outcome'
  | 'class'
  | 'headline'
  | 'story'
  | 'advice'
  | 'unwinder'
  | 'versions'
  | 'counts'
  | 'mitigation'
  | 'traceback'
>

const NOTHING = {
  tone: 'unsure',
  outcome: null,
  class: null,
  story: [],
  advice: [],
  unwinder: null,
  versions: null,
  counts: null,
  mitigation: null,
  traceback: null,
} as const

/** The one result of a cell; none, several or an unreadable one decide nothing. */
export function seenIn(found: readonly ReadResult[]): Seen {
  const [only, second] = found
  const blank = { ...NOTHING, story: [], advice: [] }
  if (only === undefined) {
    return { ...blank, state: 'missing', headline: 'There is no result of this cell.' }
  }
  if (second !== undefined) {
    const outcomes = found.map((one) => (one.kind === 'result' ? one.result.outcome : one.kind))
    const headline = `There are ${found.length} results of this cell (${outcomes.join(', ')}), and nothing says which one counts.`
    return { ...blank, state: 'duplicate', headline }
  }
  if (only.kind === 'result') return seenInResult(only.result)
  if (only.kind !== 'failed') return { ...blank, state: only.kind, headline: only.reason }
  return { ...blank, state: 'missing', headline: `There is no result: ${only.reason}` }
}

function seenInResult(result: Result): Seen {
  const { outcome, diagnosis, toolchain, ending } = result
  // The record keeps an exit code only in this sentence.
  const clean = ending.reason === 'exited' && / exit code 0\./.test(ending.detail)
  const kind = diagnosis?.class ?? null
  const tone = toneOf(outcome, { class: kind, exitCode: clean ? 0 : null })
  return {
    state: tone === 'unsure' ? 'undecided' : 'decided',
    tone,
    outcome,
    class: kind,
    headline: result.headline,
    story: diagnosis?.story ?? [],
    advice: diagnosis?.advice ?? [],
    unwinder: toolchain === null ? null : unwinderText(toolchain) || null,
    versions: toolchain === null ? null : versionsOf(toolchain),
    counts: result.counts,
    mitigation: result.mitigation,
    traceback: result.traceback,
  }
}

function versionsOf(toolchain: NonNullable<Result['toolchain']>): Versions {
  const { symbolizer, unwinder } = toolchain
  return {
    go: toolchain.go,
    glibc: toolchain.glibc,
    gcc: toolchain.gcc,
    libgcc: unwinder.version,
    linkage: unwinder.linkage,
    'libstdc++': toolchain.libstdcxx,
    symbolizer: symbolizer === null ? null : `${symbolizer.module} ${symbolizer.version}`,
    distribution: toolchain.distribution,
  }
}
