import type { Finding } from '../finding.js'
import { isNamed, THROWS } from '../frame-names.js'
import type { Scene } from '../scene.js'
import { realFrames } from '../stack.js'
import { unwinderAdvice } from '../advice.js'
import { framesOf, threadInside, threadName } from '../words.js'
import { readCrash } from './crash.js'

/**
 * A std::terminate that nobody asked for: a handler's unwind changed libgcc's list of recently used libraries under a
 * throw, the search found no frame any more, `_Unwind_RaiseException` returned `_URC_END_OF_STACK`, and `__cxa_throw`
 * (libstdc++, eh_throw.cc) then calls std::terminate although a catch stands ready. A truly uncaught exception has the
 * same stack, so the counters decide: the same program had caught many before, and signals had unwound.
 */
export function signalTerminate(scene: Scene): Finding | null {
  const crashed = readCrash(scene)
  if (crashed?.terminated !== true) return null
  const { thread } = crashed
  const thrown = realFrames(thread).find((frame) => isNamed(frame, THROWS))
  const confidence = suspect(scene)
  if (thrown === undefined || confidence === null) return null
  const { throws, signals } = scene.context.counts ?? { throws: null, signals: null }
  const known = throws !== null && signals !== null
  return {
    class: 'signal-reentrancy',
    failure: 'terminated',
    confidence,
    headline: headline(threadName(thread), confidence),
    story: [
      {
        text: `${threadName(thread)} threw a C++ exception, and the unwinder reported that there is no frame to catch it.`,
        rests: framesOf(thread, [thrown, crashed.frame]),
      },
      known
        ? {
            text: `The same program had thrown and caught ${throws.toLocaleString('en-US')} exceptions before, so a catch is there.`,
            rests: `counters: throws ${String(throws)}, signals ${String(signals)}`,
          }
        : {
            text: `A symbolizer is linked in, whose handler unwinds the stack at any moment.`,
            rests: 'symbolizer of the built toolchain',
          },
      {
        text: 'Up to GCC 11, libgcc keeps a list of recently used libraries that the handler reorders too; a search that is interrupted there can miss the library it is in.',
        rests: 'libgcc, unwind-dw2-fde-dip.c, frame_hdr_cache',
      },
    ],
    culprits: [{ thread, signal: null, interrupted: null, waiting: thrown, window: null }],
    victims: [],
    lock: null,
    advice: unwinderAdvice(scene.context),
    raise:
      confidence === 'weak'
        ? `Counters of throws and signals, or a look at the source: is there a catch around ${threadInside(thread)}'s throw?`
        : 'A run with the handler switched off (no profiler, or no symbolizer) that does not end so would prove it.',
  }
}

function headline(who: string, confidence: Finding['confidence']): string {
  return confidence === 'weak'
    ? `${who} was ended by std::terminate in the middle of a throw: perhaps the exception has no catch, perhaps a signal handler's unwind disturbed the search for it.`
    : `${who} was ended by std::terminate in the middle of an ordinary throw: a signal handler's unwind had disturbed the search for the catch, so the exception seemed to have none.`
}

/** Strong when signals had unwound and the program had caught exceptions before; null where this libgcc cannot do it. */
function suspect(scene: Scene): Finding['confidence'] | null {
  const { counts, toolchain } = scene.context
  if (toolchain?.unwinder.lookup === '_dl_find_object') return null
  const throws = counts?.throws ?? null
  const signals = counts?.signals ?? null
  if (throws !== null && signals !== null) return throws > 1 && signals > 0 ? 'strong' : null
  return toolchain?.symbolizer ? 'weak' : null
}
