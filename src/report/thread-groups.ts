import type { Culprit, Diagnosis, Victim } from '../diagnosis/schema.js'
import type { Frame, StoppedProcess, Thread } from '../gdb/types.js'
import { type ShownFrame, shownFrame, threadOf } from './frames.js'
import { groupBy } from './group-by.js'

/** Threads whose stacks are the same, frame by frame. */
export interface ThreadGroup {
  readonly threads: readonly Thread[]
  readonly frames: readonly ShownFrame[]
  readonly role: 'culprit' | 'victim' | null
}

interface Part {
  readonly role: 'culprit' | 'victim'
  readonly party: Culprit | Victim
}

const ORDER = { culprit: 0, victim: 1, none: 2 } as const

/** Threads grouped by identical stack: culprits first, then victims, then the largest groups. */
export function groupThreads(process: StoppedProcess, diagnosis: Diagnosis | null): ThreadGroup[] {
  const parts = partsOf(process, diagnosis)
  const groups = groupBy(process.threads, (thread) => {
    const stack = thread.frames.map((frame) => frameKey(frame)).join('\n')
    return `${parts.get(thread)?.role ?? 'none'}\n${stack}`
  })
  return [...groups.values()]
    .flatMap((threads) => {
      const [first] = threads
      if (first === undefined) return []
      const part = parts.get(first)
      const frames = first.frames.map((frame) => shownFrame(frame, part?.party ?? null))
      return [{ threads, frames, role: part?.role ?? null }]
    })
    .sort(
      (a, b) =>
        ORDER[a.role ?? 'none'] - ORDER[b.role ?? 'none'] || b.threads.length - a.threads.length,
    )
}

function partsOf(process: StoppedProcess, diagnosis: Diagnosis | null): Map<Thread, Part> {
  const parts = new Map<Thread, Part>()
  const add = (party: Culprit | Victim, role: Part['role']): void => {
    const thread = threadOf(party, process)
    if (thread !== null && !parts.has(thread)) parts.set(thread, { role, party })
  }
  for (const culprit of diagnosis?.culprits ?? []) add(culprit, 'culprit')
  for (const victim of diagnosis?.victims ?? []) add(victim, 'victim')
  return parts
}

function frameKey(frame: Frame): string {
  if (frame.signalFrame) return '<signal>'
  const place = frame.function ?? frame.pc ?? '?'
  return `${place}\t${frame.file ?? ''}:${frame.line ?? ''}`
}
