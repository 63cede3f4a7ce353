import type { Frame, Lock, Thread } from '../../gdb/types.js'
import { handlerAdvice, unwinderAdvice } from '../advice.js'
import {
  isNamed,
  isNamelessLibc,
  isUnwinder,
  ITERATES_LIBRARIES,
  THROWS,
  UNWINDS,
} from '../frame-names.js'
import { senderOf } from '../signals.js'
import type { Reentry } from '../reentry.js'
import type { Diagnosis } from '../schema.js'
import type { Scene } from '../scene.js'
import { victimSentences } from './victims.js'
import { framesOf, lockFields, lockName, threadInside, threadList, threadName } from '../words.js'

type Sentence = Diagnosis['story'][number]

/** One sentence: which thread, which signal, which lock, and why it never ends. */
export function signalDeadlockHeadline(
  main: Reentry,
  lock: Lock | null,
  threads: readonly Thread[],
): string {
  const who = threads.length === 1 ? threadName(main.thread) : `One of ${threadList(threads)}`
  return (
    `${who} ${main.confidence === 'weak' ? 'may be waiting for itself' : 'waits for itself for ever'}: ${signalWords(main)} arrived while it was ${doing(main)} ` +
    `${lockName(main.waiting, lock)}${purpose(main)}, and the signal handler${needs(main)} the same lock.`
  )
}

function signalWords(main: Reentry): string {
  return main.signal.number === null ? 'a signal' : main.signal.name
}

function doing(main: Reentry): string {
  if (main.window === 'lock') return 'taking'
  if (main.window === 'unlock') return 'giving back'
  return main.window === 'held' ? 'holding' : 'taking or giving back'
}

function purpose(main: Reentry): string {
  const { interrupted } = main.handler
  if (!interrupted.some(isUnwinder)) return ''
  const thrown = interrupted.some((frame) => isNamed(frame, THROWS))
  if (main.window === 'lock') return thrown ? ' to unwind a C++ exception' : ' to walk the stack'
  return thrown ? ', unwinding a C++ exception' : ', walking the stack'
}

function needs(main: Reentry): string {
  return handlerUnwinds(main) ? "'s own unwind needs" : ' needs'
}

function handlerUnwinds(main: Reentry): boolean {
  return main.handler.handler.some(isUnwinder)
}

/** At most six sentences, in the order in which it happened. */
export function signalDeadlockStory(
  main: Reentry,
  lock: Lock | null,
  victims: readonly Thread[],
  scene: Scene,
): Sentence[] {
  return [
    whatItDid(main, lock),
    whereItWas(main, lock, scene),
    theSignal(main),
    whatTheHandlerDid(main, lock),
    whyForEver(main, lock),
    ...whoElse(main, lock, victims, scene),
  ]
}

function find(frames: readonly Frame[], pattern: RegExp): Frame | undefined {
  return frames.find((frame) => isNamed(frame, pattern))
}

function whatItDid(main: Reentry, lock: Lock | null): Sentence {
  const { interrupted } = main.handler
  const iterate = find(interrupted, ITERATES_LIBRARIES)
  const rests = framesOf(main.thread, [
    find(interrupted, THROWS),
    find(interrupted, /^Unwind_Find_FDE$/),
    iterate ?? main.interrupted,
  ])
  const name = lockName(main.waiting, lock)
  const who = threadName(main.thread)
  if (iterate !== undefined && find(interrupted, THROWS) !== undefined) {
    return {
      text: `${who} was throwing a C++ exception; to find the matching catch, the unwinder asked the loader for the list of loaded libraries, which ${name} guards.`,
      rests,
    }
  }
  if (iterate !== undefined)
    return {
      text: `${who} asked the loader for the list of loaded libraries, which ${name} guards.`,
      rests,
    }
  if (main.inferred) return { text: `${who} was ${insideWhat(main)}.`, rests }
  const { subsystem } = main.waiting
  const where = subsystem === null ? 'code of its own' : subsystem.name
  return { text: `${who} was in ${where}, in a stretch that ${name} guards.`, rests }
}

function insideWhat({ handler }: Reentry): string {
  return handler.interrupted.some(isNamelessLibc)
    ? 'inside the C library, in functions without names'
    : 'in code of the program'
}

function whereItWas(main: Reentry, lock: Lock | null, scene: Scene): Sentence {
  if (main.inferred) return whyItMustHoldIt(main, lock, scene)
  const rests = [framesOf(main.thread, [main.interrupted]), ...fields(lock)].join('; ')
  const texts = {
    lock: 'It had just marked the lock as taken, but had not yet written itself down as the owner.',
    unlock:
      'It was giving the lock back: it had already crossed itself out as the owner, but not yet marked the lock as free.',
    held: 'It held the lock at that moment.',
    unknown:
      'It was in the few instructions in which the lock is marked as taken but has no owner.',
  }
  return { text: texts[main.window ?? 'unknown'], rests }
}

function whyItMustHoldIt(main: Reentry, lock: Lock | null, scene: Scene): Sentence {
  const name = lockName(main.waiting, lock)
  const threads = scene.process.threads.length
  return {
    text: scene.nobodyLeft
      ? `It must have held ${name}: every other thread sleeps too, so nobody else can hold it and still be about to give it back.`
      : `It may have held ${name}; no frame and no owner field says who does.`,
    rests: [`${String(threads)} threads in the dump`, ...fields(lock)].join('; '),
  }
}

function fields(lock: Lock | null): string[] {
  return lock === null || lock.word === null ? [] : [lockFields(lock)]
}

function theSignal(main: Reentry): Sentence {
  const { mark, handler } = main.handler
  const entry = handler.at(-1)
  const name =
    main.signal.number === null ? 'A signal (the dump does not say which)' : main.signal.name
  const sender = senderOf(mark)
  const proof =
    mark.signal === undefined || mark.signal.number !== main.signal.number
      ? shortArgs(entry?.args ?? '')
      : `si_signo=${String(mark.signal.number)}`
  return {
    text: `${name}${sender === '' ? '' : `, ${sender},`} arrived exactly then, and its handler began to run on top of the interrupted code, on the same thread.`,
    rests: framesOf(main.thread, [mark, entry]) + (proof === '' ? '' : ` (${proof})`),
  }
}

function shortArgs(args: string): string {
  const signal = /\b(?:sig\w*|sgn)=[^,]*/.exec(args)?.[0]
  return signal ?? (args.length > 60 ? `${args.slice(0, 57)}…` : args)
}

function whatTheHandlerDid(main: Reentry, lock: Lock | null): Sentence {
  const frames = main.handler.handler
  const entry = frames.at(-1)
  if (handlerUnwinds(main)) {
    return {
      text: 'The handler walks the stack to record where the program is, with the same unwinder, which asks for the same lock.',
      rests: framesOf(main.thread, [
        find(frames, /^Unwind_Backtrace$/) ?? find(frames, UNWINDS),
        find(frames, ITERATES_LIBRARIES),
      ]),
    }
  }
  const called = calledByHandler(main)
  const name = lockName(main.waiting, lock)
  return {
    text:
      called === null
        ? `The handler asks for ${name} too.`
        : `The handler called ${called.function ?? 'a function without a name'}, which asks for ${name} again.`,
    rests: framesOf(main.thread, [called ?? main.waiting.frame, entry]),
  }
}

/** What the handler's own code called and so came to the lock; null when it took the lock itself. */
function calledByHandler(main: Reentry): Frame | null {
  const called = main.handler.handler.at(-2) ?? null
  return called === null || called.level <= (main.waiting.frame?.level ?? -1) ? null : called
}

function whyForEver(main: Reentry, lock: Lock | null): Sentence {
  const rests = [
    framesOf(main.thread, [main.waiting.frame ?? main.thread.frames[0]]),
    ...fields(lock),
  ].join('; ')
  if (main.window === 'held') {
    return {
      text: 'A thread cannot take this lock twice, so it sleeps until the lock is free; but the one who must free it is the code under the handler, which cannot go on before the handler returns.',
      rests,
    }
  }
  return {
    text: 'The lock lets its owner in again, but no owner is written down, so the thread does not recognise itself: it sleeps until the lock is free, and the code that would free it cannot go on before the handler returns.',
    rests,
  }
}

function whoElse(
  main: Reentry,
  lock: Lock | null,
  victims: readonly Thread[],
  scene: Scene,
): Sentence[] {
  if (victims.length > 0) return victimSentences(scene, victims)
  const name = lockName(main.waiting, lock)
  return [
    {
      text: `Nobody else waits for it yet; the first thread that needs ${name} will wait for ever as well.`,
      rests: `${scene.process.threads.length} threads in the dump, only ${threadInside(main.thread)} waits for this lock`,
    },
  ]
}

/** The unwinder's lock needs another unwinder; any other lock needs another handler. */
export function signalDeadlockAdvice(main: Reentry, scene: Scene): Diagnosis['advice'] {
  const loader = main.waiting.subsystem?.id.startsWith('loader') === true
  if (loader && handlerUnwinds(main)) return unwinderAdvice(scene.context)
  const called = calledByHandler(main)?.function
  return handlerAdvice(called ?? 'functions that take a lock', main.signal.name)
}
