import { setTimeout as sleep } from 'node:timers/promises'

/**
 * The outcome of some work that takes no signal, unless it comes too late. The work itself then goes on, unheard.
 * @param late what the error says when the time is up
 * @param signal ends the wait early
 * @throws whatever the work throws; Error when it is late or the signal aborts
 */
export async function within<T>(
  limitMs: number,
  work: Promise<T>,
  late: string,
  signal?: AbortSignal,
): Promise<T> {
  const stop = new AbortController()
  const ends = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  const ended = sleep(limitMs, undefined, { signal: ends }).then(
    () => {
      throw new Error(late)
    },
    () => {
      throw new Error('cancelled')
    },
  )
  try {
    return await Promise.race([work, ended])
  } finally {
    stop.abort()
  }
}
