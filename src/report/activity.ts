import type { Diagnosis } from '../diagnosis/schema.js'
import { threadText } from '../result/outputs.js'
import type { ThreadRow, Threads } from '../result/schema.js'
import { seconds } from './facts.js'

export type Activity = ThreadRow['spans'][number]['activity']

/** A stretch of time in which a thread did one thing. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
  readonly activity: Activity
}

/** One row of the picture: a thread, or several that did the same. */
export interface ActivityRow {
  readonly role: ThreadRow['role']
  readonly label: string
  /** The threads' own names, which are hostile text */
  readonly names: readonly string[]
  readonly stretches: readonly Stretch[]
  /** The row in words */
  readonly sentence: string
}

/** What the threads did, row by row, as a report shows it. */
export function activityRows({ rows, toMs }: Threads, diagnosis: Diagnosis | null): ActivityRow[] {
  return rows.map((row) => {
    const stretches = stretchesOf(row, toMs, diagnosis)
    return {
      role: row.role,
      label: labelOf(row, diagnosis),
      names: namesOf(row),
      stretches,
      sentence: `${whoOf(row, diagnosis)}: ${storyOf(stretches, toMs)}`,
    }
  })
}

function stretchesOf(row: ThreadRow, toMs: number, diagnosis: Diagnosis | null): Stretch[] {
  return row.spans.map(({ fromMs, activity }, index) => {
    const next = row.spans[index + 1]
    const known = next === undefined && isInHandler(row, diagnosis)
    return {
      fromMs,
      toMs: next?.fromMs ?? toMs,
      activity: known && (activity === 'lock' || activity === 'waiting') ? 'handler' : activity,
    }
  })
}

/** Handlers of plain C programs block few signals: that a culprit stands in one is known from its dump. */
function isInHandler(row: ThreadRow, diagnosis: Diagnosis | null): boolean {
  return row.role === 'culprit' && row.threads.every(({ tid }) => signalOf(tid, diagnosis) !== null)
}

function signalOf(tid: number, diagnosis: Diagnosis | null): string | null {
  return diagnosis?.culprits.find(({ lwp }) => lwp === tid)?.signal?.name ?? null
}

function labelOf(row: ThreadRow, diagnosis: Diagnosis | null): string {
  const [first] = row.threads
  if (first === undefined || row.count > 1) return `${row.count.toLocaleString('en-US')} threads`
  const parties = [...(diagnosis?.culprits ?? []), ...(diagnosis?.victims ?? [])]
  const party = row.role === null ? undefined : parties.find(({ lwp }) => lwp === first.tid)
  return party === undefined ? `LWP ${first.tid}` : threadText({ ...party, name: null })
}

function namesOf({ threads }: ThreadRow): string[] {
  return [...new Set(threads.map(({ name }) => name))].slice(0, NAMES_MAX)
}

/** Ids of a row's threads that a sentence names. */
const NAMED = 6
const NAMES_MAX = 3

function whoOf(row: ThreadRow, diagnosis: Diagnosis | null): string {
  const label = labelOf(row, diagnosis)
  const names = namesOf(row).map((name) => `"${name}"`)
  if (row.count === 1) return [row.role, label, ...names].filter((part) => part !== null).join(' ')
  const ids = row.threads.slice(0, NAMED).map(({ tid }) => tid)
  const rest = row.count - ids.length
  const more = rest === 0 ? '' : ` and ${rest.toLocaleString('en-US')} more`
  return `${label}${row.role === null ? '' : `, all ${row.role}s`} (LWP ${ids.join(', ')}${more}) ${names.join(', ')}`
}

const DID: Readonly<Record<Activity, string>> = {
  running: 'ran',
  waiting: 'waited',
  lock: 'waited for a lock',
  handler: 'waited for a lock in a signal handler',
  mixed: 'ran and waited by turns',
  ended: 'ended',
}

/** With more stretches than this only the first and the last are told. */
const TOLD_MAX = 6

function storyOf(stretches: readonly Stretch[], toMs: number): string {
  const told = stretches.map(({ fromMs, activity }, index) => {
    if (activity === 'ended') return `ended at ${seconds(fromMs)}`
    const until = index < stretches.length - 1 ? '' : ` to the end, ${seconds(toMs)}`
    return `${DID[activity]} from ${seconds(fromMs)}${until}`
  })
  if (told.length <= TOLD_MAX) return told.join(', ')
  const left = `${told.length - TOLD_MAX} more ${told.length === TOLD_MAX + 1 ? 'change' : 'changes'}`
  return [...told.slice(0, 2), left, ...told.slice(2 - TOLD_MAX)].join(', ')
}
