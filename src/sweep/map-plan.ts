import { STRIDE } from './series.js'
import type { SweepFailureKind, SweepPlace } from './schema.js'

/** One instruction found deadly. */
export interface Deadly {
  /** Its step in a throw without signals */
  readonly step: number
  readonly kind: SweepFailureKind
  readonly signal: number
  readonly at: SweepPlace
  /** Where the handler or the throw was stuck */
  readonly waiting: SweepPlace | null
  /** What /proc said of the thread then, a sentence each */
  readonly evidence: readonly string[]
}

/** What is still to be swept: one signal at step `start` and at every `stride`-th after it. */
export interface Stretch {
  readonly signal: number
  readonly start: number
  readonly stride: number
}

/** What is left to do, and what was found. */
export interface MapPlan {
  /** Steps of a throw without signals */
  readonly length: number
  readonly open: readonly Stretch[]
  readonly deadly: readonly Deadly[]
  /** For each signal, the steps whose handler came back */
  readonly survived: ReadonlyMap<number, ReadonlySet<number>>
  /** Steps at which the thread has a signal blocked: it can't arrive there */
  readonly shut: ReadonlySet<number>
  readonly processes: number
}

/** No throw is that long: one signal and no other. */
const ALONE = 1_000_000_000

/** Everything is open: for each signal, 16 stretches of a throw. */
export function startMap(signals: readonly number[], length: number): MapPlan {
  const open = signals.flatMap((signal) =>
    Array.from({ length: Math.min(STRIDE, length) }, (_, start) => ({
      signal,
      start,
      stride: STRIDE,
    })),
  )
  const survived = new Map(signals.map((signal) => [signal, new Set<number>()]))
  return { length, open, deadly: [], survived, shut: new Set(), processes: 0 }
}

/** What the strides missed, since signals change the way: each instruction left gets a throw of its own. */
export function fillMap(plan: MapPlan, instructions: readonly number[]): MapPlan {
  const open = [...plan.survived].flatMap(([signal, survived]) => {
    const deadly = new Set(
      plan.deadly.filter((each) => each.signal === signal).map(({ step }) => step),
    )
    return instructions
      .filter((step) => !survived.has(step) && !deadly.has(step) && !plan.shut.has(step))
      .map((start) => ({ signal, start, stride: ALONE }))
  })
  return { ...plan, open }
}

/** How many stretches a process is given. */
const AT_ONCE = 4
const ALONE_AT_ONCE = 32

/** Work for one process, and the plan without it. */
export function takeWork(plan: MapPlan): { work: readonly Stretch[]; rest: MapPlan } {
  const size = plan.open[0]?.stride === ALONE ? ALONE_AT_ONCE : AT_ONCE
  return { work: plan.open.slice(0, size), rest: { ...plan, open: plan.open.slice(size) } }
}

/** A stretch in the words of the native sweep. A signal alone needs a throw before it that sets the way right again. */
export function wordsOf({ signal, start, stride }: Stretch): string[] {
  const word = `${signal}/${stride}+${start}`
  return stride === ALONE ? ['skip', word] : [word]
}

/** What a process did with its work. */
export interface Worked {
  /** Stretches gone through without a failure */
  readonly done: number
  /** Steps, without signals, of the instructions that were survived */
  readonly survived: readonly { readonly signal: number; readonly step: number }[]
  /** Steps, without signals, at which a signal was blocked */
  readonly shut: readonly number[]
  /** The failure that ended the next one, and the step that it came at there */
  readonly failure: { readonly deadly: Deadly | null; readonly cameAt: number } | null
}

/** Puts back what a process did not come to, and what lies behind its failure. */
export function addWork(plan: MapPlan, work: readonly Stretch[], worked: Worked): MapPlan {
  const failed = worked.failure === null ? undefined : work[worked.done]
  const left = work.slice(worked.done + (failed === undefined ? 0 : 1))
  const behind =
    failed === undefined || worked.failure === null
      ? []
      : [{ ...failed, start: worked.failure.cameAt + failed.stride }]
  const deadly = worked.failure?.deadly ?? null
  return {
    ...plan,
    open: [...plan.open, ...left, ...behind.filter(({ start }) => start < plan.length)],
    deadly: deadly === null ? plan.deadly : [...plan.deadly, deadly],
    survived: addSurvived(plan.survived, worked.survived),
    shut: new Set([...plan.shut, ...worked.shut]),
    processes: plan.processes + 1,
  }
}

function addSurvived(
  known: MapPlan['survived'],
  more: Worked['survived'],
): ReadonlyMap<number, ReadonlySet<number>> {
  return new Map(
    [...known].map(([signal, steps]) => [
      signal,
      new Set([...steps, ...more.filter((each) => each.signal === signal).map(({ step }) => step)]),
    ]),
  )
}
