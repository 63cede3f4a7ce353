import type { PassageEvent } from './events.js'
import { placeOf } from './place.js'
import type { Hazard, LockAccess, SweepPlace } from './schema.js'
import type { Trial, Trials } from './trial.js'

type Shared = NonNullable<PassageEvent['shared']>[number]

const MAX_HAZARDS = 50

/**
 * Memory that both the swept code and the handler change with a locked instruction: whatever takes a lock in both can wait
 * for itself, even if no signal of this sweep met it. The kernel's lockdep looks for the same between interrupts and
 * the code that they interrupt (Linux, Documentation/locking/lockdep-design.rst).
 */
export function findHazards(trials: Trials): Hazard[] {
  return trials
    .flatMap((trial) =>
      trial.passages
        .flatMap(({ shared = [] }) => shared)
        .map((shared) => readHazard(trial, shared)),
    )
    .toSorted((one, other) => rank(one) - rank(other))
    .slice(0, MAX_HAZARDS)
}

function rank(hazard: Hazard): number {
  return hazard.kind === 'lock' ? 0 : 1
}

function readHazard(trial: Trial, { swept, handler }: Shared): Hazard {
  const exchanged = [swept.kind, handler.kind].every(
    (kind) => kind === 'cmpxchg' || kind === 'xchg',
  )
  return {
    memory: swept.memory,
    symbol: swept.symbol === null ? null : `${swept.symbol}+${swept.symbolOffset}`,
    kind: exchanged ? 'lock' : 'counter',
    swept: readAccess(trial, swept),
    handler: readAccess(trial, handler),
  }
}

function readAccess(trial: Trial, access: Shared['swept']): LockAccess {
  const unknown: SweepPlace = { file: null, offset: '0x0', function: null, functionOffset: null }
  return {
    kind: access.kind,
    at: placeOf(trial.atlas, access.place) ?? unknown,
    stack: access.stack.flatMap((number) => placeOf(trial.atlas, number) ?? []),
  }
}
