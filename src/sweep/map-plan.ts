import type { SignalStep, Turn } from './canon.js'
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
  /** For each signal, steps at which a process failed that had other signals before: to be tried alone */
  readonly suspect: StepsBySignal
  readonly processes: number
}

/** Nothing is known yet, and nothing open. */
export function startMap(signals: readonly number[]): MapPlan {
  const none: StepsBySignal = new Map(signals.map((signal) => [signal, new Set<number>()]))
  return { open: [], deadly: [], survived: none, shut: none, suspect: none, processes: 0 }
}

/**
 * Opens each instruction that is not decided yet, for each signal.
 * @param size how many a process is to be given; those under suspicion are opened for a process of their own alone
 */
export function openUndecided(
  plan: MapPlan,
  instructions: readonly number[],
  size: number,
): MapPlan {
  const open = [...plan.survived].flatMap(([signal, survived]) => {
    const deadly = new Set(
      plan.deadly.filter((each) => each.signal === signal).map(({ step }) => step),
    )
    const shut = plan.shut.get(signal)
    const suspect = size === 1 ? undefined : plan.suspect.get(signal)
    return instructions
      .filter((step) => ![survived, deadly, shut, suspect].some((set) => set?.has(step) === true))
      .map((step) => ({ signal, step }))
  })
  return { ...plan, open }
}

/** Work for one process, and the plan without it. */
export function takeWork(
  plan: MapPlan,
  size: number,
): { work: readonly SignalStep[]; rest: MapPlan } {
  return { work: plan.open.slice(0, size), rest: { ...plan, open: plan.open.slice(size) } }
}

/**
 * A signal at one instruction in the words of the native sweep. It gets a throw of its own, with one before it that goes by:
 * a handler changes the order of libgcc's list of recently used objects, and that one sets it right again.
 */
export function wordsOf(signal: number, { place, turn }: Turn): string[] {
  return ['skip', `${signal}@${place.file ?? ''}+${place.offset}#${turn}`]
}

/** What a process made of its work. */
export type Worked =
  /** It went through all of it, and its throws go their way as before: this survived, there the signal was blocked */
  | {
      readonly kind: 'clean'
      readonly survived: readonly SignalStep[]
      readonly shut: readonly SignalStep[]
    }
  /** It failed at one of them; `deadly` is null where its instruction can't be told */
  | { readonly kind: 'failed'; readonly at: number; readonly deadly: Deadly | null }
  /** A signal left something behind that makes its throws go another way: which one did is not known, nor what came after it */
  | { readonly kind: 'spoiled' }
  /** It did not come so far that anything could be said */
  | { readonly kind: 'lost' }

/**
 * Adds what a process found. An instruction is deadly only by the only signal that its process had: another one before it
 * may have had a part in the failure. Left open is what is to be tried again with as many beside it; all else that stays
 * undecided waits for `openUndecided`.
 */
export function addWork(plan: MapPlan, work: readonly SignalStep[], worked: Worked): MapPlan {
  const processes = plan.processes + 1
  switch (worked.kind) {
    case 'clean':
      return {
        ...plan,
        survived: addSteps(plan.survived, worked.survived),
        shut: addSteps(plan.shut, worked.shut),
        processes,
      }
    case 'failed': {
      const failed = work.slice(worked.at, worked.at + 1)
      const others = work.filter((_, index) => index !== worked.at)
      if (others.length > 0) {
        const suspect = addSteps(plan.suspect, failed)
        return { ...plan, open: [...others, ...plan.open], suspect, processes }
      }
      const deadly = worked.deadly === null ? plan.deadly : [...plan.deadly, worked.deadly]
      return { ...plan, deadly, processes }
    }
    case 'spoiled':
      return { ...plan, processes }
    case 'lost':
      return { ...plan, open: [...plan.open, ...work], processes }
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
