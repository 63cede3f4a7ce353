import type { Frame, Lock, Thread } from '../../gdb/types.js'
import { unwinderAdvice } from '../advice.js'
import type { Finding } from '../finding.js'
import { isNamed, isUnwinder, ITERATES_LIBRARIES, plainAddress } from '../frame-names.js'
import { type Scene, victimsOf } from '../scene.js'
import { signalOfHandler } from '../signals.js'
import { handlersOn, isSignalMark, realFrames } from '../stack.js'
import { signalLivelockHeadline, signalLivelockStory } from '../story/signal-livelock.js'
import type { Spin } from '../story/signal-livelock.js'

/** The circle is a short loop over a list: all samples of the program counter lie within so many bytes. */
const LOOP_BYTES = 64n
const ENOUGH_SAMPLES = 5
/** A throw takes microseconds; a thread that has not thrown for so long while it runs inside one is not throwing. */
const STANDSTILL_MS = 1000
const BUSY_SHARE = 0.2

/**
 * A thread runs for ever inside libgcc's callback of dl_iterate_phdr (`_Unwind_IteratePhdrCallback`,
 * unwind-dw2-fde-dip.c, up to GCC 11). The callback keeps the eight libraries used last in a linked list
 * (`frame_hdr_cache`) and moves the one it found to the front. A handler that unwinds in between moves entries too, and
 * the interrupted move then ties the list into a ring. The handler may long have returned: no signal frame, no signal
 * blocked, the loader's lock properly the thread's own. What tells it from a busy thrower: the program counter stays
 * within one loop, and its throws stand still.
 */
export function signalLivelock(scene: Scene): Finding | null {
  for (const thread of scene.process.threads) {
    const found = spinOf(scene, thread)
    if (found !== null) return finding(scene, found)
  }
  return null
}

function spinOf(scene: Scene, thread: Thread): Spin | null {
  const frames = realFrames(thread)
  const index = callbackIndex(frames)
  const [inside, iterate] = [frames[0], frames[index]]
  if (throwsGoOn(thread)) return null
  if (index < 1 || inside === undefined || iterate === undefined || scene.byThread.has(thread))
    return null
  const lock = ownLock(scene, thread)
  const handler = handlersOn(thread).find((each) => each.index > index) ?? null
  const seen = signsOfSpinning(scene, thread)
  const stands = (thread.observed?.throwsStillMs ?? 0) >= STANDSTILL_MS
  const again = handler?.interrupted.some(isUnwinder) === true
  const confidence = confidenceOf(seen, lock !== null && stands, again)
  return confidence === null ? null : { thread, inside, iterate, handler, lock, confidence, seen }
}

/** A throw counter that moves refutes the circle, whatever the samples look like. */
function throwsGoOn(thread: Thread): boolean {
  const still = thread.observed?.throwsStillMs ?? null
  return still !== null && still < STANDSTILL_MS
}

/** Index of dl_iterate_phdr when the frames inside it are libgcc's callback and nothing else; else -1. */
function callbackIndex(frames: readonly Frame[]): number {
  const index = frames.findIndex((frame) => isNamed(frame, ITERATES_LIBRARIES))
  const inner = frames.slice(0, Math.max(index, 0))
  const outer = frames[index + 1]
  const byUnwinder = outer !== undefined && (isUnwinder(outer) || outer.function === null)
  const short =
    inner.length <= 4 && inner.every((frame) => isUnwinder(frame) || isCallbackCode(frame))
  return index > 0 && byUnwinder && short ? index : -1
}

/** Static helpers of unwind-dw2-fde-dip.c, and frames without a name where the unwinder is linked in. */
function isCallbackCode(frame: Frame): boolean {
  if (isSignalMark(frame)) return false
  return (
    frame.function === null ||
    isNamed(
      frame,
      /^(base_from_cb_data|base_from_object|get_cie_encoding|read_encoded_value\w*|unw_eh_callback)$/,
    )
  )
}

function ownLock(scene: Scene, thread: Thread): Lock | null {
  return (
    scene.process.locks.find(
      (lock) =>
        lock.owner !== null && lock.owner === thread.lwp && lock.word !== 0 && isLoaders(lock),
    ) ?? null
  )
}

function isLoaders(lock: Lock): boolean {
  return (
    lock.role === 'loader-write-lock' ||
    /^_rtld_(global|local)\b|_dl_load_write_lock/.test(lock.symbol ?? '')
  )
}

/** What /proc and the counters say for a circle, a phrase each. */
function signsOfSpinning(scene: Scene, thread: Thread): string[] {
  const { observed } = thread
  const signs: string[] = []
  const samples = observed?.pcSamples ?? []
  if (samples.length >= ENOUGH_SAMPLES && isTight(samples.map(({ pc }) => pc)))
    signs.push(
      `${String(samples.length)} samples of the program counter within ${String(LOOP_BYTES)} bytes`,
    )
  const still = observed?.throwsStillMs ?? 0
  if (still >= STANDSTILL_MS && (observed?.cpuShare ?? 0) >= BUSY_SHARE)
    signs.push(
      `no throw for ${(still / 1000).toFixed(1)} s at ${String(Math.round((observed?.cpuShare ?? 0) * 100))} % of a core`,
    )
  const { suspicion } = scene.context
  if (suspicion?.kind === 'spinning' && thread.lwp !== null && suspicion.tids.includes(thread.lwp))
    signs.push('the watch saw it burn CPU without progress')
  return signs
}

function isTight(samples: readonly string[]): boolean {
  const pcs = samples
    .filter((pc) => /^0x[0-9a-f]{1,16}$/i.test(pc))
    .map((pc) => BigInt(plainAddress(pc)))
  if (pcs.length < ENOUGH_SAMPLES) return false
  const least = pcs.reduce((one, other) => (other < one ? other : one))
  const most = pcs.reduce((one, other) => (other > one ? other : one))
  return most - least <= LOOP_BYTES
}

/**
 * A throw in the callback alone is what any busy thrower may show: without a sign there is no finding. A handler in
 * the callback over an interrupted unwinder is the dangerous moment itself: a hint.
 */
function confidenceOf(
  seen: readonly string[],
  sure: boolean,
  again: boolean,
): Finding['confidence'] | null {
  if (seen.length > 0) return sure ? 'proven' : 'strong'
  return again ? 'weak' : null
}

function finding(scene: Scene, spin: Spin): Finding {
  const { thread, handler, lock } = spin
  const signal = handler === null ? null : signalOfHandler(handler)
  const victims = victimsOf(scene, [thread], (waiting) =>
    lock === null
      ? waiting.subsystem?.id === 'loader-write-lock'
      : waiting.address === plainAddress(lock.address),
  )
  return {
    class: 'signal-reentrancy',
    failure: 'livelock',
    confidence: spin.confidence,
    headline: signalLivelockHeadline(spin, signal),
    story: signalLivelockStory(scene, spin, victims),
    culprits: [
      {
        ...{ thread, signal, waiting: spin.inside, window: null },
        interrupted: handler?.interrupted[0] ?? null,
      },
    ],
    victims,
    lock,
    advice: unwinderAdvice(scene.context),
    raise: spin.confidence === 'proven' ? null : RAISE,
  }
}

const RAISE =
  "Several samples of the program counter, the thread's throw counter, and the owner of the loader's lock would prove it."
