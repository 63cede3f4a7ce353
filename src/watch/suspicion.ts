import { elapsed } from './clock.js'
import type { Hold } from './clock.js'
import type { PcSample, ProcessTrack, Still, ThreadTrack } from './threads.js'
import type { FutexWait, Suspicion } from './types.js'
import { blocksAllSignals, classifyWait, isInOwnFrame } from './waits.js'

/** A wait with all signals blocked that is not a lock's, as idle pools have it: this many times the usual patience. */
const UNCLEAR_PATIENCE = 5
/** With all signals blocked a thread that waits for a lock is looked at in half the time. */
const URGENT_PATIENCE = 0.5
const THROWS_STILL_MS = 1500
/** Time that a thread is busy for before that counts: with the second that the share covers, as long as the throws */
const BUSY_MS = THROWS_STILL_MS - 1000

/** Throws that stood for less stood by chance */
const THROWS_PAUSE_MS = 500
const OBJECT_BYTES = 64n

const FIRST_WAIT_MS = 2000
const URGENT_WAIT_MS = 1000
const VAGUE_WAIT_MS = 10_000
const LONGEST_WAIT_MS = 60_000

/** Samples in libgcc_s, and how far apart they may be: a recorded livelock there stays within 35 bytes */
const UNWINDER = { samples: 10, spanMs: 900, bytes: 512 }
/** In any other file the same shape is most often a healthy hot loop, so more of it is wanted */
const ANYWHERE = { samples: 20, spanMs: 1800, bytes: 512 }

/** Why a thread is looked at; the same key means the same reason, which waits longer after each look that found nothing. */
export interface Cause {
  readonly key: string
  readonly tid: number
  /** Since when, ms since the target's start */
  readonly sinceMs: number
  /** How long it stood so far, and how long it must */
  readonly ageMs: number
  readonly patienceMs: number
  /** The wait after the first look; Infinity: one look is enough */
  readonly firstWaitMs: number
}

/** When a cause may be looked at again. */
export interface Look {
  readonly count: number
  readonly nextAtMs: number
}

/** A reason to dump, with the causes that it rests on. */
export interface Suspect {
  readonly suspicion: Suspicion
  readonly causes: readonly Cause[]
}

interface Circumstances {
  readonly process: ProcessTrack
  readonly holds: readonly Hold[]
  readonly looks: ReadonlyMap<string, Look>
  readonly suspicionMs: number
  readonly nowMs: number
}

/** What is suspicious in a process and not looked at lately: the surest kind first. Null when nothing is. */
export function findSuspect(at: Circumstances): Suspect | null {
  return (
    suspect(at, 'terminated', terminatedCauses(at)) ??
    suspect(at, 'stuck', stuckCauses(at)) ??
    suspect(at, 'spinning', spinningCauses(at))
  )
}

/** True while something stands that is not yet old enough to be looked at: a run that ended now would not know. */
export function isUndecided(at: Circumstances): boolean {
  return [...stuckCauses(at), ...spinningCauses(at)].some(
    (cause) => cause.firstWaitMs <= FIRST_WAIT_MS && !at.looks.has(cause.key),
  )
}

/** The looks after one that did not confirm its suspicion: twice as long a wait each time. */
export function postponeLooks(
  looks: ReadonlyMap<string, Look>,
  causes: readonly Cause[],
  endedAtMs: number,
): Map<string, Look> {
  const later = new Map(looks)
  for (const { key, firstWaitMs } of causes) {
    const count = (looks.get(key)?.count ?? 0) + 1
    const waitMs = Number.isFinite(firstWaitMs)
      ? Math.min(LONGEST_WAIT_MS, firstWaitMs * 2 ** (count - 1))
      : Infinity
    later.set(key, { count, nextAtMs: endedAtMs + waitMs })
  }
  return later
}

/** Causes that are due raise the suspicion; those of the same process that are on the way go with them. */
function suspect(
  at: Circumstances,
  kind: Suspicion['kind'],
  causes: readonly Cause[],
): Suspect | null {
  const due = causes.filter((cause) => isDue(at, cause))
  if (due.length === 0) return null
  const together = causes.filter(
    (cause) => due.includes(cause) || Number.isFinite(cause.firstWaitMs),
  )
  const ordered = [...together].sort(
    (a, b) => a.firstWaitMs - b.firstWaitMs || a.sinceMs - b.sinceMs,
  )
  return {
    causes: ordered,
    suspicion: {
      kind,
      pid: at.process.pid,
      tids: ordered.map(({ tid }) => tid),
      atMs: at.nowMs,
      sinceMs: Math.min(...due.map(({ sinceMs }) => sinceMs)),
    },
  }
}

function isDue({ looks, nowMs }: Circumstances, cause: Cause): boolean {
  const look = looks.get(cause.key)
  return cause.ageMs >= cause.patienceMs && (look === undefined || nowMs >= look.nextAtMs)
}

function terminatedCauses({ process, nowMs }: Circumstances): Cause[] {
  const tid = process.terminated
  if (tid === 0) return []
  const key = `terminated ${process.pid} ${tid}`
  return [{ key, tid, sinceMs: nowMs, ageMs: 0, patienceMs: 0, firstWaitMs: FIRST_WAIT_MS }]
}

function stuckCauses(at: Circumstances): Cause[] {
  return [...at.process.threads.values()].flatMap((thread) => {
    const cause = stuckCause(at, thread)
    return cause === null ? [] : [cause]
  })
}

function stuckCause(
  { process, holds, suspicionMs }: Circumstances,
  thread: ThreadTrack,
): Cause | null {
  const { still, tid, movedAtMs } = thread
  const wait = still === null ? 'none' : classifyWait(still)
  if (still === null || still.futex === null || wait === 'none') return null
  const lock = wait === 'lock'
  const urgent = lock && blocksAllSignals(still.blocked)
  const who = lock ? `${tid} ${still.futex.address}` : describeObject(still, still.futex)
  return {
    key: `stuck ${process.pid} ${who} ${still.futex.op} ${still.pc ?? ''}`,
    tid,
    sinceMs: movedAtMs,
    ageMs: elapsed(holds, movedAtMs, process.seenAtMs),
    patienceMs: suspicionMs * (urgent ? URGENT_PATIENCE : lock ? 1 : UNCLEAR_PATIENCE),
    firstWaitMs: urgent ? URGENT_WAIT_MS : lock ? FIRST_WAIT_MS : Infinity,
  }
}

/** An idle pool waits on one object, however many its threads and whichever of the object's words. */
function describeObject(still: Still, futex: FutexWait): string {
  return isInOwnFrame(still) ? 'own frame' : `${BigInt(futex.address) / OBJECT_BYTES}`
}

function spinningCauses(at: Circumstances): Cause[] {
  return [...at.process.threads.values()].flatMap((thread) => {
    const cause = at.process.counters.has(thread.tid)
      ? standingCause(at, thread)
      : loopingCause(at, thread)
    return cause === null ? [] : [cause]
  })
}

/** A thread that threw, is busy and throws no more. */
function standingCause({ process, holds }: Circumstances, thread: ThreadTrack): Cause | null {
  const own = process.counters.get(thread.tid)
  if (own === undefined || own.counters.throws === 0 || thread.busySinceMs === null) return null
  const busyMs = elapsed(holds, thread.busySinceMs, process.seenAtMs)
  const stillMs = elapsed(holds, own.movedAtMs, process.seenAtMs)
  if (stillMs < THROWS_PAUSE_MS) return null
  return {
    key: `standing ${process.pid} ${thread.tid} ${own.counters.throws}`,
    tid: thread.tid,
    sinceMs: own.movedAtMs,
    ageMs: Math.min(stillMs, busyMs + THROWS_STILL_MS - BUSY_MS),
    patienceMs: THROWS_STILL_MS,
    firstWaitMs: FIRST_WAIT_MS,
  }
}

/** A thread without counters whose last samples all lie close together. */
function loopingCause({ process, nowMs }: Circumstances, thread: ThreadTrack): Cause | null {
  const inUnwinder = /\/libgcc_s[^/]*$/.test(thread.pcs.at(-1)?.file ?? '')
  const limit = inUnwinder ? UNWINDER : ANYWHERE
  const samples = thread.pcs.slice(-limit.samples)
  const first = samples[0]
  if (first === undefined || thread.busySinceMs === null || !isTight(samples, limit)) return null
  return {
    key: `looping ${process.pid} ${thread.tid} ${first.file ?? ''}`,
    tid: thread.tid,
    sinceMs: first.atMs,
    ageMs: nowMs - first.atMs,
    patienceMs: 0,
    firstWaitMs: inUnwinder ? FIRST_WAIT_MS : VAGUE_WAIT_MS,
  }
}

function isTight(samples: readonly PcSample[], limit: typeof ANYWHERE): boolean {
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined || samples.length < limit.samples) return false
  if (last.atMs - first.atMs < limit.spanMs) return false
  if (samples.some(({ file }) => file === null || file !== first.file)) return false
  const pcs = samples.map(({ pc }) => BigInt(pc))
  const low = pcs.reduce((a, b) => (b < a ? b : a))
  const high = pcs.reduce((a, b) => (b > a ? b : a))
  return high - low <= BigInt(limit.bytes)
}
