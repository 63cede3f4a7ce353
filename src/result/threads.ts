import type { Culprit, Diagnosis, Victim } from '../diagnosis/schema.js'
import type { Span, ThreadActivity, ThreadHistory } from '../watch/history.js'
import type { Hold } from '../watch/clock.js'
import type { ThreadRow, Threads } from './schema.js'

/** What the watch saw of the threads, and when it ended. */
export interface Watched {
  readonly histories: readonly ThreadHistory[]
  readonly holds: readonly Hold[]
  /** Milliseconds since the target's start */
  readonly toMs: number
}

/** Rows of a kind that a picture can bear. */
const ROWS_MAX = { culprit: 12, victim: 12, none: 24 } as const
/** Threads of a row that are named. */
const NAMED_MAX = 12
const HOLDS_MAX = 50

/**
 * Into so many parts the run is cut to see which threads did the same: the first number that gives few enough rows. With one
 * part a row is told by a single activity, of which there are few, so that there are never too many rows.
 */
const PARTS = [120, 30, 6, 1] as const

/**
 * The threads as the record keeps them, bounded whatever their number: a row each while they are few, else a row for those
 * that did the same. Culprits come first, then victims, then the largest rows.
 */
export function recordThreads(
  { histories, holds, toMs }: Watched,
  diagnosis: Pick<Diagnosis, 'culprits' | 'victims'> | null,
): Threads {
  const seen = histories
    .filter(({ spans }) => (spans[0]?.fromMs ?? Infinity) < toMs)
    .toSorted((a, b) => a.pid - b.pid || a.tid - b.tid)
  const isOneOf = (parties: readonly (Culprit | Victim)[] = []): ReadonlySet<ThreadHistory> =>
    new Set(parties.flatMap((party) => seen.findLast((thread) => isSame(thread, party)) ?? []))
  const culprits = isOneOf(diagnosis?.culprits)
  const victims = isOneOf(diagnosis?.victims)
  const roleOf = (thread: ThreadHistory): ThreadRow['role'] =>
    culprits.has(thread) ? 'culprit' : victims.has(thread) ? 'victim' : null
  const rowsOf = (role: ThreadRow['role']): ThreadRow[] => {
    const threads = seen.filter((thread) => roleOf(thread) === role)
    return groupRows(threads, role, Math.max(1, toMs))
  }
  return {
    toMs: Math.round(toMs),
    held: holds.slice(-HOLDS_MAX).map((hold) => ({
      fromMs: Math.round(hold.fromMs),
      toMs: Math.round(Math.min(hold.toMs ?? toMs, toMs)),
    })),
    rows: [...rowsOf('culprit'), ...rowsOf('victim'), ...rowsOf(null)],
  }
}

/** Ids of threads are unique within a pid namespace; a dump does not always know its process. */
function isSame({ pid, tid }: ThreadHistory, party: Culprit | Victim): boolean {
  return tid === party.lwp && (party.pid === null || party.pid === pid)
}

function groupRows(
  threads: readonly ThreadHistory[],
  role: ThreadRow['role'],
  toMs: number,
): ThreadRow[] {
  const most = ROWS_MAX[role ?? 'none']
  if (threads.length <= most)
    return threads.map((thread) => row([thread], role, wholeMs(thread.spans)))
  for (const parts of PARTS) {
    const groups = new Map<string, { threads: ThreadHistory[]; spans: Span[] }>()
    for (const thread of threads) {
      const spans = coarsen(thread.spans, parts, toMs)
      const key = spans.map(({ fromMs, activity }) => `${fromMs} ${activity}`).join()
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { threads: [thread], spans })
      else group.threads.push(thread)
    }
    if (groups.size <= most)
      return [...groups.values()]
        .toSorted((a, b) => b.threads.length - a.threads.length)
        .map((group) => row(group.threads, role, group.spans))
  }
  return []
}

function row(
  threads: readonly ThreadHistory[],
  role: ThreadRow['role'],
  spans: readonly Span[],
): ThreadRow {
  return {
    role,
    count: threads.length,
    threads: threads.slice(0, NAMED_MAX).map(({ pid, tid, name }) => ({ pid, tid, name })),
    spans: [...spans],
  }
}

function wholeMs(spans: readonly Span[]): Span[] {
  return spans.map(({ fromMs, activity }) => ({ fromMs: Math.round(fromMs), activity }))
}

/** The same in equal parts of the run: what a thread did all through a part, or `mixed`. Parts before its start are left out. */
function coarsen(spans: readonly Span[], parts: number, toMs: number): Span[] {
  const coarse: Span[] = []
  for (let part = 0; part < parts; part++) {
    const fromMs = (toMs * part) / parts
    const activity = activityIn(spans, fromMs, (toMs * (part + 1)) / parts)
    if (activity !== null && coarse.at(-1)?.activity !== activity)
      coarse.push({ fromMs: Math.round(fromMs), activity })
  }
  return coarse
}

function activityIn(spans: readonly Span[], fromMs: number, toMs: number): ThreadActivity | null {
  const within = spans
    .filter((span, index) => span.fromMs < toMs && (spans[index + 1]?.fromMs ?? Infinity) > fromMs)
    .map(({ activity }) => activity)
  // A thread that began or ended within the part is told by what it did in the rest of it.
  const lived = within.filter((activity) => activity !== 'ended')
  const [first] = lived.length > 0 ? lived : within
  return first === undefined ? null : lived.every((one) => one === first) ? first : 'mixed'
}
