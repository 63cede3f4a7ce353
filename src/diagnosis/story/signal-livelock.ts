import type { Frame, Lock, Thread } from '../../gdb/types.js'
import type { Finding } from '../finding.js'
import { isNamed, isUnwinder, THROWS } from '../frame-names.js'
import type { Diagnosis } from '../schema.js'
import type { Scene } from '../scene.js'
import type { SignalRef } from '../signals.js'
import { type HandlerOnStack, realFrames } from '../stack.js'
import { framesOf, lockFields, threadInside, threadName } from '../words.js'
import { victimSentences } from './victims.js'

/** A thread that runs in a circle, and what says so. */
export interface Spin {
  readonly thread: Thread
  /** The innermost frame, inside the callback, and the dl_iterate_phdr that called it */
  readonly inside: Frame
  readonly iterate: Frame
  readonly handler: HandlerOnStack | null
  readonly lock: Lock | null
  readonly confidence: Finding['confidence']
  readonly seen: readonly string[]
}

type Sentence = Diagnosis['story'][number]

const LIST = "libgcc's list of recently used libraries"

/** One sentence: the circle, and what became of the handler that made it. */
export function signalLivelockHeadline(spin: Spin, signal: SignalRef | null): string {
  const runs =
    spin.confidence === 'weak' ? 'may be running in a circle' : 'runs in a circle for ever'
  const who = `${threadName(spin.thread)} ${runs}`
  if (spin.handler === null)
    return `${who}: a signal handler unwound the stack on top of code that was itself inside the unwinder, on this thread or another, and left ${LIST} tied into a ring.`
  const name = signal === null || signal.number === null ? 'a signal' : signal.name
  return reentered(spin)
    ? `${who} inside the handler of ${name}: the signal arrived while the thread was itself inside the unwinder, and ${LIST} is now tied into a ring.`
    : `${who} inside the handler of ${name}: an earlier signal arrived while this thread or another was itself inside the unwinder, and left ${LIST} tied into a ring.`
}

/** Whether the handler that still runs is one that interrupted the unwinder. */
function reentered({ handler }: Spin): boolean {
  return handler?.interrupted.some(isUnwinder) === true
}

/** What it does, how that is known, how it came about, what became of it, and who else is stuck. */
export function signalLivelockStory(
  scene: Scene,
  spin: Spin,
  victims: readonly Thread[],
): Sentence[] {
  return [
    whatItDoes(spin),
    whatWasSeen(spin),
    howItCame(spin),
    whatBecame(spin),
    ...whatItHolds(spin),
    ...victimSentences(scene, victims),
  ]
}

function whatItDoes({ thread, iterate, inside, handler }: Spin): Sentence {
  const thrown = realFrames(thread).find((frame) => isNamed(frame, THROWS))
  const what =
    handler !== null
      ? 'walks its stack in a signal handler'
      : thrown === undefined
        ? 'walks its stack'
        : 'is throwing a C++ exception'
  return {
    text: `${threadName(thread)} ${what}; for every frame the unwinder asks the loader for the list of libraries, and libgcc's callback first looks through a short list of its own, those used last.`,
    rests: framesOf(thread, [handler === null ? thrown : handler.mark, iterate, inside]),
  }
}

function whatWasSeen({ thread, inside, seen }: Spin): Sentence {
  if (seen.length === 0)
    return {
      text: 'It was in a short loop there when it was stopped; whether it ever comes back, one dump alone cannot tell.',
      rests: framesOf(thread, [inside]),
    }
  return {
    text: 'It never comes back from there: it uses CPU, but stays within one short loop.',
    rests: seen.join('; '),
  }
}

function howItCame({ thread, handler }: Spin): Sentence {
  return {
    text: "Up to GCC 11 nothing but the loader's lock protects that list, and the lock lets its owner in again: a signal handler on the thread that owns it may reorder the list in the middle of a step.",
    rests:
      handler === null
        ? 'libgcc, unwind-dw2-fde-dip.c, frame_hdr_cache'
        : framesOf(thread, [handler.mark, handler.interrupted.find(isUnwinder)]),
  }
}

function whatBecame(spin: Spin): Sentence {
  if (spin.handler === null)
    return {
      text: 'That handler has returned, but the list it left behind leads back into itself, so the search has no end. All threads share the list: this one need not be the one that the signal interrupted, it is the one that ran into the ring.',
      rests: `${threadInside(spin.thread)} has no signal frame on its stack`,
    }
  const when = reentered(spin)
    ? 'The list now leads'
    : 'An earlier handler, on this thread or another, did so: the list leads'
  return {
    text: `${when} back into itself, so the search has no end, and the handler never returns.`,
    rests: framesOf(spin.thread, [spin.inside]),
  }
}

function whatItHolds({ lock }: Spin): Sentence[] {
  if (lock === null) return []
  return [
    {
      text: "All the while it holds the loader's lock, properly, as its owner: to others it looks like a slow owner.",
      rests: lockFields(lock),
    },
  ]
}
