import type { Frame, Thread } from '../../gdb/types.js'
import type { Finding } from '../finding.js'
import { isNamed } from '../frame-names.js'
import { type Scene, shownLock, victimsOf } from '../scene.js'
import { realFrames } from '../stack.js'
import { victimSentences } from '../story/victims.js'
import { type Dependency, findCycles, readDependencies } from '../wait-for.js'
import { capital, framesOf, threadInside, threadName } from '../words.js'
import { describeCycle } from './lock-cycle.js'

/**
 * One of the loader's locks is in the knot: a library's constructor (dlopen → `dl_open_worker` → `_dl_init` →
 * `call_init`, elf/dl-open.c, dl-init.c) or a `dl_iterate_phdr` callback holds it and waits for something that needs
 * the loader itself: a thread to end, malloc's lock, a condition variable. Where the waiting closes a circle it is a
 * deadlock; where the holder waits for something that anybody may still give, it is only a hint.
 */
export function loaderLock(scene: Scene): Finding | null {
  const dependencies = readDependencies(scene)
  const cycle = findCycles(dependencies).find((each) => each.length > 1 && each.some(isForLoader))
  if (cycle !== undefined) return inCircle(scene, cycle)
  for (const dependency of dependencies.values()) {
    if (isForLoader(dependency) && waitsIdly(scene, dependency.to))
      return holderWaits(scene, dependency)
  }
  return null
}

function isForLoader({ waiting }: Dependency): boolean {
  return waiting.subsystem?.id.startsWith('loader') === true
}

/** The holder sleeps for something without a time limit and without an owner: a condition variable, a semaphore, input. */
function waitsIdly(scene: Scene, holder: Thread): boolean {
  const waiting = scene.byThread.get(holder)
  return (
    waiting !== undefined &&
    !waiting.timed &&
    ['condvar', 'semaphore', 'barrier', 'join', 'io', 'poll'].includes(waiting.kind)
  )
}

function inCircle(scene: Scene, cycle: readonly Dependency[]): Finding {
  const base = describeCycle(scene, cycle)
  const forLoader = cycle.find(isForLoader)
  if (forLoader === undefined) return base
  const holder = cycle.find(({ from }) => from === forLoader.to) ?? forLoader
  return {
    ...base,
    class: 'loader-lock',
    headline:
      `${threadName(holder.from)} holds ${forLoader.what}${doing(holder.from)} and waits there for ${holder.what}; ` +
      `${threadInside(forLoader.from)} needs ${forLoader.what} to go on, so neither ever does.`,
    lock: shownLock(scene, forLoader.waiting),
    advice: ADVICE,
  }
}

function holderWaits(scene: Scene, { from, to, waiting, what, evidence }: Dependency): Finding {
  const held = scene.byThread.get(to)
  const victims = victimsOf(scene, [to], (other) => other.subsystem?.id === waiting.subsystem?.id)
  return {
    class: 'loader-lock',
    failure: scene.nobodyLeft ? 'deadlock' : 'unknown',
    confidence: scene.nobodyLeft ? 'strong' : 'weak',
    headline: `${threadName(to)} holds ${what}${doing(to)} and waits there for something else, while ${threadInside(from)} needs ${what}.`,
    story: [
      {
        text: `${threadName(to)} holds ${what}${doing(to)}.`,
        rests: framesOf(to, [loaderFrame(to)]),
      },
      {
        text: `Still holding it, it waits (${held?.kind ?? 'unknown'}).`,
        rests: framesOf(to, [held?.frame]),
      },
      { text: `${capital(threadInside(from))} cannot go on without ${what}.`, rests: evidence },
      ...victimSentences(
        scene,
        victims.filter((thread) => thread !== from),
      ),
    ],
    culprits: [
      { thread: to, signal: null, interrupted: null, waiting: held?.frame ?? null, window: 'held' },
    ],
    victims,
    lock: shownLock(scene, waiting),
    advice: ADVICE,
    raise: `A second dump some seconds later: if ${threadInside(to)} still waits at the same place, it waits for one of its own victims.`,
  }
}

function loaderFrame(thread: Thread): Frame | null {
  return (
    realFrames(thread).find((frame) =>
      isNamed(
        frame,
        /^(call_init|dl_init|dl_open_worker\w*|dl_open|dl_close\w*|dl_iterate_phdr|dl_fini)$/,
      ),
    ) ?? null
  )
}

/** In which of the loader's jobs it is: ` while it runs a library's constructor`. */
function doing(thread: Thread): string {
  const frame = loaderFrame(thread)
  if (frame === null) return ''
  if (isNamed(frame, /^(call_init|dl_init)$/)) return " while it runs a library's constructor"
  if (isNamed(frame, /^dl_iterate_phdr$/)) return ' while it goes through the list of libraries'
  if (isNamed(frame, /^(dl_close\w*|dl_fini)$/)) return " while it runs a library's destructor"
  return ' while it opens a library'
}

const ADVICE: Finding['advice'] = [
  {
    text: 'Do not wait for other threads, and take no locks, in library constructors, destructors and dl_iterate_phdr callbacks: the loader is locked all that time. Start the threads in an explicit init function that runs after dlopen has returned.',
    copy: null,
  },
]
