import type { Frame, Lock, Thread } from '../gdb/types.js'
import type { Diagnosis } from './schema.js'
import type { Scene } from './scene.js'
import type { SignalRef } from './signals.js'

/** What one rule found. Threads and frames are those of the dump; `assemble` turns them into the schema's form. */
export interface Finding {
  readonly class: Diagnosis['class']
  readonly failure: Diagnosis['failure']
  readonly confidence: Diagnosis['confidence']
  readonly headline: string
  readonly story: Diagnosis['story']
  readonly culprits: readonly Party[]
  readonly victims: readonly Thread[]
  readonly lock: Lock | null
  readonly advice: Diagnosis['advice']
  readonly raise: string | null
}

/** A thread that caused the fault. */
export interface Party {
  readonly thread: Thread
  readonly signal: SignalRef | null
  readonly interrupted: Frame | null
  readonly waiting: Frame | null
  readonly window: 'lock' | 'unlock' | 'held' | null
}

/** A rule: pure, total, null where its pattern is not there. */
export type Rule = (scene: Scene) => Finding | null
