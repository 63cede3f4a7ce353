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

/** A signal, and a step of a throw without signals. */
export interface SignalStep {
  readonly signal: number
  readonly step: number
}

/** For each signal, steps of a throw without signals. */
export type StepsBySignal = ReadonlyMap<number, ReadonlySet<number>>

/** What is left to do, and what was found. */
export interface MapPlan {
  readonly open: readonly SignalStep[]
  readonly deadly: readonly Deadly[]
  /** For each signal, the steps whose handler came back */
  readonly survived: StepsBySignal
  /** For each signal, the steps at which the thread has it blocked, so that it can't arrive */
  readonly shut: StepsBySignal
  readonly processes: number
}

/** Nothing is known yet, and nothing open. */
export function startMap(signals: readonly number[]): MapPlan {
  const none: StepsBySignal = new Map(signals.map((signal) => [signal, new Set<number>()]))
  return { open: [], deadly: [], survived: none, shut: none, processes: 0 }
}

/** Opens each instruction that is not decided yet, for each signal. */
export function openUndecided(plan: MapPlan, instructions: readonly number[]): MapPlan {
  const open = [...plan.survived].flatMap(([signal, survived]) => {
    const deadly = new Set(
      plan.deadly.filter((each) => each.signal === signal).map(({ step }) => step),
    )
    const shut = plan.shut.get(signal)
    return instructions
      .filter((step) => !survived.has(step) && !deadly.has(step) && shut?.has(step) !== true)
      .map((step) => ({ signal, step }))
  })
  return { ...plan, open }
}

/** How many signals a process is given. native/sweep takes 1,024 passages, and each needs one before it. */
const AT_ONCE = 400

/** Work for one process, and the plan without it. */
export function takeWork(plan: MapPlan): { work: readonly SignalStep[]; rest: MapPlan } {
  return {
    work: plan.open.slice(0, AT_ONCE),
    rest: { ...plan, open: plan.open.slice(AT_ONCE) },
  }
}

/** An instruction of a throw without signals, and the how manieth time the thread comes to it there. */
export interface Turn {
  readonly place: SweepPlace
  readonly turn: number
}

/**
 * A signal at one instruction in the words of the native sweep. It gets a throw of its own, with one before it that goes by:
 * a handler changes the order of libgcc's list of recently used objects, and that one sets it right again.
 */
export function wordsOf(signal: number, { place, turn }: Turn): string[] {
  return ['skip', `${signal}@${place.file ?? ''}+${place.offset}#${turn}`]
}

/** What a process did with its work. */
export interface Worked {
  /** Signals sent, or found to be impossible, without a failure */
  readonly done: number
  /** Instructions that were survived */
  readonly survived: readonly SignalStep[]
  /** Instructions at which the signal was blocked */
  readonly shut: readonly SignalStep[]
  /** It failed at the next one; `deadly` is null where that can't be told apart */
  readonly failure: { readonly deadly: Deadly | null } | null
}

/** Adds what a process found, and puts back what it did not come to. */
export function addWork(plan: MapPlan, work: readonly SignalStep[], worked: Worked): MapPlan {
  const left = work.slice(worked.done + (worked.failure === null ? 0 : 1))
  const deadly = worked.failure?.deadly ?? null
  return {
    open: [...plan.open, ...left],
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
