import type { Frame, Lock, Thread } from '../gdb/types.js'
import type { Waiting } from './waiting.js'

/** `Thread 5 (LWP 13)`, or what of it is known. */
export function threadName(thread: Thread): string {
  if (thread.number !== null && thread.lwp !== null)
    return `Thread ${thread.number} (LWP ${thread.lwp})`
  if (thread.number !== null) return `Thread ${thread.number}`
  return thread.lwp === null ? 'A thread' : `The thread with LWP ${thread.lwp}`
}

/** The same inside a sentence. */
export function threadInside(thread: Thread): string {
  const name = threadName(thread)
  return name.startsWith('Thread ')
    ? name.replace('Thread', 'thread')
    : name.replace(/^[AT]/, (first) => first.toLowerCase())
}

/** `threads 4 and 7 (LWP 12, 15)`-like lists, cut after a few: `threads 4, 7, 9 and 31 others`. */
export function threadList(threads: readonly Thread[], most = 4): string {
  if (threads.length === 1 && threads[0] !== undefined) return threadInside(threads[0])
  const shown = threads.slice(0, most).map((thread) => shortName(thread))
  const rest = threads.length - shown.length
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown
  return `threads ${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}

function shortName(thread: Thread): string {
  if (thread.number !== null) return String(thread.number)
  return thread.lwp === null ? '?' : `LWP ${thread.lwp}`
}

/** `#10 __pthread_mutex_unlock_usercnt`, or with the library where there is no name. */
export function frameName(frame: Frame): string {
  const name = frame.signalFrame
    ? '<signal handler called>'
    : (frame.function ?? frameNowhere(frame))
  return `#${frame.level} ${name}`
}

/** A frame's function as it reads in a sentence: `pay`, `unnamed code of libgcc_s.so.1`. */
export function functionWords(frame: Frame): string {
  const library = frame.library?.split('/').at(-1)
  return frame.function ?? (library === undefined ? 'unnamed code' : `unnamed code of ${library}`)
}

function frameNowhere(frame: Frame): string {
  const library = frame.library?.split('/').at(-1)
  return library === undefined ? `?? at ${frame.pc ?? 'an unknown address'}` : `?? in ${library}`
}

/** `thread 5, frames #15 _Unwind_RaiseException, #10 dl_iterate_phdr`. */
export function framesOf(thread: Thread, frames: readonly (Frame | null | undefined)[]): string {
  const names = frames.flatMap((frame) => (frame ? [frameName(frame)] : []))
  if (names.length === 0) return threadInside(thread)
  const noun = names.length === 1 ? 'frame' : 'frames'
  return `thread ${shortName(thread)}, ${noun} ${names.join(', ')}`
}

/** `lock 0x7f…990 <_rtld_global+2352>: word=2 count=0 owner=0`, with what is known of it. */
export function lockFields(lock: Lock): string {
  const fields = [
    ['word', lock.word],
    ['count', lock.count],
    ['owner', lock.owner],
    ['users', lock.users],
  ].flatMap(([name, value]) => (value === null ? [] : [`${String(name)}=${String(value)}`]))
  const symbol = lock.symbol === null ? '' : ` <${lock.symbol}>`
  const state = fields.length === 0 ? '' : `: ${fields.join(' ')}`
  return `lock ${lock.address}${symbol}${state}`
}

/** How a lock is called in a sentence: `the loader's lock`, `the mutex g_log_mutex`, `the lock at 0x…`. */
export function lockName(waiting: Waiting, lock: Lock | null): string {
  if (waiting.subsystem !== null) return waiting.subsystem.lockName
  const kind = LOCK_NOUNS[waiting.kind] ?? 'lock'
  const symbol = lock?.symbol ?? null
  if (symbol !== null)
    return symbol.startsWith('guard variable') ? `the ${symbol}` : `the ${kind} ${symbol}`
  return waiting.address === null ? `a ${kind}` : `the ${kind} at ${waiting.address}`
}

const LOCK_NOUNS: Partial<Record<Waiting['kind'], string>> = {
  mutex: 'mutex',
  'rwlock-read': 'read-write lock',
  'rwlock-write': 'read-write lock',
  condvar: 'condition variable',
  semaphore: 'semaphore',
  barrier: 'barrier',
  once: 'once flag',
}

/** The first letter large, to begin a sentence with. */
export function capital(text: string): string {
  return text.replace(/^./, (first) => first.toUpperCase())
}
