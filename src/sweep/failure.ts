import { signalName } from '../gdb/signals.js'
import type { FailureEvent, PassageEvent } from './events.js'
import { placeOf } from './place.js'
import type { SweepFailure, Temperature } from './schema.js'
import { patternOf } from './tally.js'
import { failedPassage } from './trial.js'
import type { Trial } from './trial.js'

const KINDS = {
  deadlock: 'deadlock',
  livelock: 'livelock',
  crash: 'crash',
  terminate: 'terminated',
} as const

/** Number of the futex system call on amd64 (Linux, arch/x86/entry/syscalls/syscall_64.tbl). */
const FUTEX = '202'

/** The failure that ended a process's passages, or null when none did. */
export function readFailure(trial: Trial, temperature: Temperature): SweepFailure | null {
  const passage = failedPassage(trial)
  const failure = passage?.failure ?? null
  if (passage === null || failure === null || trial.ready === null) return null
  const place = (number: number | null): ReturnType<typeof placeOf> => placeOf(trial.atlas, number)
  return {
    kind: KINDS[failure.kind],
    temperature,
    pattern: patternOf(passage),
    signal: { number: passage.signal, name: signalName(passage.signal) },
    step: failure.step,
    at: place(failure.place),
    stack: [],
    phase: failure.phase,
    waiting: place(failure.waiting),
    waitedMs: Math.round(failure.waitedNs / 1e6),
    evidence: tellEvidence(failure, passage),
    spin: [...new Set(failure.spin)].flatMap((number) => place(number) ?? []).slice(0, 16),
    pid: trial.ready.pid,
    tid: trial.ready.tid,
  }
}

function tellEvidence(failure: FailureEvent, passage: PassageEvent): string[] {
  const [first, last] = failure.samples
  switch (failure.kind) {
    case 'deadlock':
      return [futexText(last?.syscall ?? ''), maskText(last?.blocked ?? '0x0'), equalText(failure)]
    case 'livelock':
      return failure.samples.length === 2 && first !== undefined && last !== undefined
        ? [
            `state ${last.state ?? '?'} in both samples, ${((last.cpuNs - first.cpuNs) / 1e6).toFixed(0)} ms of CPU time between them`,
            `${passage.steps} single steps were made in this throw`,
          ]
        : [`${passage.steps} single steps were made, and the throw did not end`]
    case 'crash':
      return [`${signalName(failure.fault)} was about to be delivered`]
    case 'terminate':
      return ['std::terminate was entered']
  }
}

/** `202 0x7f… 0x80 0x2 …`: the futex system call with its address, operation and value. */
function futexText(line: string): string {
  const [number, address, operation, value] = line.split(' ')
  if (number !== FUTEX) return `in system call ${line}`
  return `asleep in futex(${address ?? '?'}), operation ${operation ?? '?'}, value ${value ?? '?'}`
}

function maskText(mask: string): string {
  return `signals blocked: SigBlk ${mask}`
}

function equalText(failure: FailureEvent): string {
  return `two samples were equal, the last one ${Math.round(failure.waitedNs / 1e6)} ms after the signal`
}
