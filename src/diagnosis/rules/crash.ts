import type { Frame, Thread } from '../../gdb/types.js'
import type { Finding } from '../finding.js'
import { isNamed, THROWS } from '../frame-names.js'
import type { Scene } from '../scene.js'
import { signalOfHandler } from '../signals.js'
import { handlersOn, realFrames } from '../stack.js'
import { framesOf, functionWords, threadName } from '../words.js'

/** Signals that the kernel sends for what the thread itself did (signal(7)). */
const FAULTS = new Set(['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGSYS'])

/** stdlib/abort.c, assert.c; libstdc++'s eh_terminate.cc */
const ABORTS =
  /^(abort|libc_message\w*|assert_fail\w*|assert_perror_fail|fortify_fail\w*|chk_fail|stack_chk_fail|malloc_printerr|runtime\.(abort|crash|dieFromSignal|fatalthrow\S*|fatalpanic))$/
const TERMINATES =
  /^(std::terminate|cxxabiv1::_+terminate|gnu_cxx::_+verbose_terminate_handler|std::__terminate|terminate)$/

/** How a crash looks to the rules that explain it. */
export interface Crash {
  readonly thread: Thread
  /** `SIGSEGV`, or null when only the stack says so */
  readonly signal: string | null
  /** The frame that faulted, or the one that called abort */
  readonly frame: Frame | null
  readonly terminated: boolean
}

/** glibc's and libstdc++'s own code between the program and its abort: a check that failed (malloc/malloc.c) */
const FAILED_CHECKS =
  /^((libc_)?(free|malloc|calloc|realloc|memalign)|int_(free|malloc|realloc|memalign)\w*|tcache_\w+|unlink_chunk|malloc_consolidate|operator (new|delete)(\[\])?|raise|std::__glibcxx_assert_fail|std::__replacement_assert)$/

/** The thread that crashed: the one that got a fault's signal, or that is inside abort, std::terminate or a fault's handler. */
export function readCrash(scene: Scene): Crash | null {
  const { signal, threads } = scene.process
  const name = signal?.name ?? null
  const lwp = signal?.lwp ?? null
  const hit = threads.find((thread) => lwp !== null && thread.lwp === lwp)
  const dying = threads.find((thread) =>
    realFrames(thread).some((frame) => isNamed(frame, ABORTS) || isNamed(frame, TERMINATES)),
  )
  const handling = threads.flatMap((thread) => handledFault(thread, name) ?? [])[0]
  if (handling !== undefined) return handling
  if (name !== null && FAULTS.has(name)) {
    const thread = hit ?? dying ?? threads[0]
    return thread === undefined ? null : crashOf(thread, name)
  }
  return dying === undefined ? null : crashOf(dying, name === 'SIGABRT' ? name : null)
}

/** A crash handler is at work on top of the code that crashed, as KDE's and Breakpad's are. */
function handledFault(thread: Thread, ended: string | null): Crash | null {
  for (const handler of handlersOn(thread)) {
    const entered = handler.handler.length === 0 ? ended : signalOfHandler(handler).name
    const isFault = entered !== null && (FAULTS.has(entered) || entered === 'SIGABRT')
    if (!isFault) continue
    const terminated = handler.interrupted.some((frame) => isNamed(frame, TERMINATES))
    return { thread, signal: entered, frame: blamed(handler.interrupted), terminated }
  }
  return null
}

function crashOf(thread: Thread, signal: string | null): Crash {
  const frames = realFrames(thread)
  const terminated = frames.some((frame) => isNamed(frame, TERMINATES))
  return { thread, signal, frame: blamed(frames), terminated }
}

/** The frame that faulted, or the one that called what gave up. */
function blamed(frames: readonly Frame[]): Frame | null {
  const last = frames.findLastIndex((frame) => isNamed(frame, ABORTS) || isNamed(frame, TERMINATES))
  const caller = frames
    .slice(last + 1)
    .find((frame) => last < 0 || !(isNamed(frame, THROWS) || isNamed(frame, FAILED_CHECKS)))
  return caller ?? frames[0] ?? null
}

const NAMES_WANTED =
  'Debug symbols of the program and its libraries would name the line; where it crashed need not be where the fault was made.'
const CAUSE_WANTED =
  'Where it crashed need not be where the fault was made: a run under AddressSanitizer or valgrind would show that.'

/** The program crashed or gave up: a fault's signal, an abort, an exception that nobody caught. Says where. */
export function crash(scene: Scene): Finding | null {
  const found = readCrash(scene)
  if (found === null) return null
  const { thread, frame, terminated } = found
  const where = frame === null ? '' : ` in ${functionWords(frame)}`
  const file = frame?.file ?? null
  const place = file === null ? '' : ` (${file}:${String(frame?.line ?? '?')})`
  const what = terminated
    ? `ended the program with std::terminate: an exception${where}${place} that nobody caught`
    : found.signal === null || found.signal === 'SIGABRT'
      ? `gave up with abort${where}${place}`
      : `crashed with ${found.signal}${where}${place}`
  return {
    class: 'crash',
    failure: terminated ? 'terminated' : 'crash',
    confidence: 'strong',
    headline: `${threadName(thread)} ${what}.`,
    story: [
      {
        text: `${threadName(thread)} ${what}.`,
        rests: framesOf(thread, [thread.frames[0], frame === thread.frames[0] ? null : frame]),
      },
    ],
    culprits: [{ thread, signal: null, interrupted: null, waiting: frame, window: null }],
    victims: [],
    lock: null,
    advice: [],
    raise: file === null ? NAMES_WANTED : CAUSE_WANTED,
  }
}
