import { STRIDE } from './series.js'
import type { SweepFailureKind, SweepPlace } from './schema.js'

/** One instruction found deadly. */
export interface Deadly {
  /** Its step in a throw without signals */
  readonly step: number
  readonly kind: SweepFailureKind
  readonly signal: number
  readonly at: SweepPlace
  /** Calls that led there, innermost first */
  readonly stack: readonly SweepPlace[]
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

/** A signal, and a step of a throw without signals. */
export interface SignalStep {
  readonly signal: number
  readonly step: number
}

/** For each signal, steps of a throw without signals. */
export type StepsBySignal = ReadonlyMap<number, ReadonlySet<number>>

/** What is left to do, and what was found. */
export interface MapPlan {
  /** Steps of a throw without signals */
  readonly length: number
  readonly open: readonly Stretch[]
  readonly deadly: readonly Deadly[]
  /** For each signal, the steps whose handler came back */
  readonly survived: StepsBySignal
  /** For each signal, the steps at which the thread has it blocked, so that it can't arrive */
  readonly shut: StepsBySignal
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
  const none: StepsBySignal = new Map(signals.map((signal) => [signal, new Set<number>()]))
  return { length, open, deadly: [], survived: none, shut: none, processes: 0 }
}

/** What the strides missed, since signals change the way: each instruction left gets a throw of its own. */
export function fillMap(plan: MapPlan, instructions: readonly number[]): MapPlan {
  const open = [...plan.survived].flatMap(([signal, survived]) => {
    const deadly = new Set(
      plan.deadly.filter((each) => each.signal === signal).map(({ step }) => step),
    )
    const shut = plan.shut.get(signal)
    return instructions
      .filter((step) => !survived.has(step) && !deadly.has(step) && shut?.has(step) !== true)
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
  /** Instructions that were survived */
  readonly survived: readonly SignalStep[]
  /** Instructions at which the signal was blocked */
  readonly shut: readonly SignalStep[]
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
    survived: addSteps(plan.survived, worked.survived),
    shut: addSteps(plan.shut, worked.shut),
    processes: plan.processes + 1,
  }
}

/** Steps known so far, with more of them. */
export function addSteps(known: StepsBySignal, more: readonly SignalStep[]): StepsBySignal {
  return new Map(
    [...known].map(([signal, steps]) => [
      signal,
      new Set([...steps, ...more.filter((each) => each.signal === signal).map(({ step }) => step)]),
    ]),
  )
}

/** Can a signal of the map arrive at a step at all? */
export function takesSignal(
  { survived, shut }: Pick<MapPlan, 'survived' | 'shut'>,
  step: number,
): boolean {
  return [...survived.keys()].some((signal) => shut.get(signal)?.has(step) !== true)
}

/** Is it known of each signal what it does at a step, or that it can't arrive there? */
export function isSettled(
  { survived, shut }: Pick<MapPlan, 'survived' | 'shut'>,
  step: number,
): boolean {
  return [...survived].every(
    ([signal, steps]) => steps.has(step) || shut.get(signal)?.has(step) === true,
  )
}
