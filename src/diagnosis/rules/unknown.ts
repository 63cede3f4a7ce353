import type { Finding } from '../finding.js'
import type { Scene } from '../scene.js'

/** Nothing matched, and we say so: what the dump held, and what would help. */
export function unknown(scene: Scene): Finding {
  const { threads, unread } = scene.process
  const named = threads.filter((thread) => thread.frames.some((frame) => frame.function !== null))
  return {
    class: 'unknown',
    failure: 'unknown',
    confidence: 'weak',
    headline:
      threads.length === 0
        ? 'The dump shows no threads, so nothing can be said about it.'
        : `None of the known patterns is in this dump of ${threads.length} ${threads.length === 1 ? 'thread' : 'threads'}.`,
    story: [],
    culprits: [],
    victims: [],
    lock: null,
    advice: [],
    raise:
      named.length < threads.length || unread.length > 0
        ? 'A dump with function names (debug symbols of the program and of the C library) and with all threads would tell more.'
        : 'A second dump some seconds later would show which threads have moved.',
  }
}
