import type { Result } from '../result/schema.js'
import type { EvidenceTexts } from '../report/types.js'
import { recordEnding } from '../result/assemble.js'
import type { NaturalRun } from './natural.js'

/** What of a run its record is made of, whether it was swept or ran by itself. */
export interface RunRecord extends Omit<NaturalRun, 'ending' | 'threadsRan' | 'doubts'> {
  readonly ending: Result['ending']
}

/**
 * One record of both parts: facts and stacks are those of the part that decided; what the program printed, and what was
 * warned of, is kept of both.
 */
export function mergeRuns(
  decidedBy: Result['decidedBy'],
  swept: RunRecord | null,
  natural: NaturalRun | null,
): RunRecord {
  const run = natural === null ? null : { ...natural, ending: recordEnding(natural.ending) }
  const first = decidedBy === 'sweep' ? (swept ?? run) : (run ?? swept)
  if (first === null) throw new Error('an experiment has a sweep or a natural run')
  if (swept === null || run === null) return first
  return {
    ...first,
    // The sweep's own process counts nothing that was not made: a natural run's numbers are the ones to tell.
    counts: run.counts,
    watched: run.watched,
    timeline: [...swept.timeline, ...run.timeline],
    texts: joinTexts(first.texts, swept.texts, run.texts),
    warnings: [...swept.warnings, ...run.warnings],
  }
}

function joinTexts(
  first: EvidenceTexts,
  swept: EvidenceTexts,
  natural: EvidenceTexts,
): EvidenceTexts {
  const parts = [
    { title: 'While it was swept', text: swept.output },
    { title: 'While it ran by itself', text: natural.output },
  ].filter(({ text }) => text.trim() !== '')
  return { ...first, output: parts.map(({ title, text }) => `--- ${title}\n${text}`).join('\n') }
}
