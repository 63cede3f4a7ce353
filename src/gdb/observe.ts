import type { ThreadObservation } from '../watch/types.js'
import { plainAddress } from './frame.js'
import type { Frame, Lock, StoppedProcess, Thread } from './types.js'

/** Puts what `/proc` said of each thread beside what gdb said, by LWP; threads that gdb did not see are added. */
export function mergeObservations(
  process: StoppedProcess,
  observations: readonly ThreadObservation[],
): StoppedProcess {
  const ofThis = observations.filter(({ pid }) => process.pid === null || pid === process.pid)
  const byTid = new Map(ofThis.map((observed) => [observed.tid, observed]))
  const seen = new Set(process.threads.map(({ lwp }) => lwp))
  const threads = process.threads.map((thread) => {
    const observed = thread.lwp === null ? undefined : byTid.get(thread.lwp)
    return observed === undefined
      ? thread
      : { ...thread, observed, name: thread.name ?? observed.name }
  })
  const added = ofThis.filter(({ tid }) => !seen.has(tid)).map(threadFromObservation)
  return {
    ...process,
    threads: [...threads, ...added],
    locks: addWords(process.locks, added),
    unread: [
      ...process.unread,
      ...(added.length > 0 && threads.length > 0
        ? [`${added.length} threads are known by /proc alone`]
        : []),
    ],
  }
}

/** A process as `/proc` alone shows it: for when gdb is missing, was refused or gave nothing. */
export function processFromObservations(
  observations: readonly ThreadObservation[],
  reason: string,
): StoppedProcess {
  const pid = observations[0]?.pid ?? null
  const nothing: StoppedProcess = {
    pid,
    executable: null,
    threads: [],
    locks: [],
    libraries: [],
    signal: null,
    gdb: null,
    unread: [reason],
  }
  return mergeObservations(nothing, observations)
}

function threadFromObservation(observed: ThreadObservation): Thread {
  const futex = observed.futex
  return {
    number: null,
    lwp: observed.tid,
    pthread: null,
    name: observed.name,
    frames: observed.pc === null ? [] : [frameAt(observed.pc, observed.pcFile)],
    wait:
      futex === null
        ? null
        : {
            kind: 'unknown',
            address: plainAddress(futex.address),
            timed: futex.timed,
            lwp: null,
            evidence: `/proc: futex operation ${futex.op} on ${futex.address}, expecting ${futex.value}`,
          },
    observed,
    registers: null,
  }
}

function frameAt(pc: string, library: string | null): Frame {
  return {
    level: 0,
    pc: plainAddress(pc),
    function: null,
    args: null,
    file: null,
    line: null,
    library,
    signalFrame: false,
    inlined: false,
    cut: '/proc gives the innermost address only',
  }
}

function addWords(locks: readonly Lock[], threads: readonly Thread[]): Lock[] {
  const known = new Set(locks.map(({ address }) => address))
  const words = new Map<string, Lock>()
  for (const { wait, observed } of threads) {
    if (wait === null || wait.address === null || known.has(wait.address)) continue
    words.set(wait.address, {
      address: wait.address,
      symbol: null,
      library: observed?.futexFile ?? null,
      kind: 'futex word',
      role: null,
      word: null,
      owner: null,
      count: null,
      users: null,
      guessed: true,
    })
  }
  return [...locks, ...words.values()]
}
