import type { Finding } from '../finding.js'
import { isUnwinder } from '../frame-names.js'
import type { Scene } from '../scene.js'
import { signalOfHandler } from '../signals.js'
import { handlersOn } from '../stack.js'
import { unwinderAdvice } from '../advice.js'
import { framesOf, functionWords, threadName } from '../words.js'
import { readCrash } from './crash.js'

/**
 * A crash inside the unwinder while a signal handler was unwinding: the handler meets code at an instruction for which
 * the unwind tables do not hold (libgcc's `uw_frame_state_for`, `x86_64_fallback_frame_state` read through a bad
 * frame), or finds libgcc's list of libraries half changed (unwind-dw2-fde-dip.c, `frame_hdr_cache`).
 */
export function signalCrash(scene: Scene): Finding | null {
  const crashed = readCrash(scene)
  if (crashed === null || crashed.terminated) return null
  const { thread, frame } = crashed
  const handler = handlersOn(thread).find((each) => each.handler.some(isUnwinder))
  if (handler === undefined) return null
  const unwinding = handler.handler.find(isUnwinder) ?? null
  const signal = signalOfHandler(handler)
  const interrupted =
    handler.interrupted.find((each) => !each.inlined) ?? handler.interrupted[0] ?? null
  const name = signal.number === null ? 'a signal' : signal.name
  const fault = crashed.signal ?? 'abort'
  return {
    class: 'signal-reentrancy',
    failure: 'crash',
    confidence: 'strong',
    headline: `${threadName(thread)} crashed with ${fault} inside the unwinder, which the handler of ${name} had called to walk the stack.`,
    story: [
      {
        text: `${name === 'a signal' ? 'A signal' : name} interrupted ${threadName(thread).replace('Thread', 'thread')}${interrupted === null ? '' : ` in ${functionWords(interrupted)}`}.`,
        rests: framesOf(thread, [handler.mark, interrupted]),
      },
      {
        text: 'Its handler walked the stack with the unwinder of libgcc, which is not made to be entered at any instruction of any code.',
        rests: framesOf(thread, [handler.handler.at(-1), unwinding]),
      },
      {
        text: `There the program crashed with ${fault}: the unwinder read through data that did not hold at that instruction.`,
        rests: framesOf(thread, [frame]),
      },
    ],
    culprits: [{ thread, signal, interrupted, waiting: frame, window: null }],
    victims: [],
    lock: null,
    advice: unwinderAdvice(scene.context),
    raise:
      'A second crash with the same handler in the unwinder, and none without that handler, would prove it.',
  }
}
