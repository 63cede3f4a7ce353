import { STRIDE } from './series.js'
import type { SweepFailureKind, SweepPlace } from './schema.js'

/** One instruction found deadly. */
export interface Deadly {
  readonly step: number
  readonly kind: SweepFailureKind
  readonly signal: number
  readonly at: SweepPlace
  /** Where the handler or the throw was stuck */
  readonly waiting: SweepPlace | null
}

/** A stretch that is still to be swept: one signal at `start` and at every 16th step after it. */
export interface Stretch {
  readonly signal: number
  readonly start: number
}

/** What is left to decide, and what was found. A residue that failed goes on behind the failure, on a fresh process. */
export interface MapPlan {
  readonly steps: number
  readonly open: readonly Stretch[]
  readonly deadly: readonly Deadly[]
  /** Signals after which the handler came back */
  readonly survived: number
  readonly processes: number
}

/** Everything is open: for each signal, 16 stretches of a throw of so many steps. */
export function startMap(signals: readonly number[], steps: number): MapPlan {
  const open = signals.flatMap((signal) =>
    Array.from({ length: Math.min(STRIDE, steps) }, (_, start) => ({ signal, start })),
  )
  return { steps, open, deadly: [], survived: 0, processes: 0 }
}

/** How many stretches a process is given: few at the end, so that all cores have work. */
const AT_ONCE = 4

/** Work for one process, and the plan without it. */
export function takeWork(plan: MapPlan): { work: readonly Stretch[]; rest: MapPlan } {
  const work = plan.open.slice(0, AT_ONCE)
  return { work, rest: { ...plan, open: plan.open.slice(work.length) } }
}

/** What a process did with its work. */
export interface Worked {
  /** Stretches gone through without a failure */
  readonly done: number
  readonly survived: number
  /** The failure that ended the next one */
  readonly failure: Deadly | null
}

/** Puts back what a process did not come to, and what lies behind its failure. */
export function addWork(plan: MapPlan, work: readonly Stretch[], worked: Worked): MapPlan {
  const failed = worked.failure === null ? undefined : work[worked.done]
  const left = work.slice(worked.done + (failed === undefined ? 0 : 1))
  const behind =
    failed === undefined || worked.failure === null
      ? []
      : [{ signal: failed.signal, start: worked.failure.step + STRIDE }]
  return {
    ...plan,
    open: [...plan.open, ...left, ...behind.filter(({ start }) => start < plan.steps)],
    deadly: worked.failure === null ? plan.deadly : [...plan.deadly, worked.failure],
    survived: plan.survived + worked.survived,
    processes: plan.processes + 1,
  }
}
