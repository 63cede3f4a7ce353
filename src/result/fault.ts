import type { Outcome } from './schema.js'

/** `fault`: something went wrong with a signal or a lock; `none`: proven or seen that nothing did; `open`: says neither */
export type Fault = 'fault' | 'none' | 'open'

const FAULTS: Readonly<Record<Outcome, Fault>> = {
  deadlock: 'fault',
  livelock: 'fault',
  crash: 'fault',
  terminated: 'fault',
  clean: 'none',
  immune: 'none',
  stalled: 'open',
  exited: 'open',
  inconclusive: 'open',
  cancelled: 'open',
}

/** What an outcome says of the fault that is looked for. */
export function faultOf(outcome: Outcome): Fault {
  return FAULTS[outcome]
}
