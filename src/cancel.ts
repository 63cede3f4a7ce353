import { CancelledError } from './errors.js'

/**
 * Runs `work` with a signal that SIGINT or SIGTERM aborts, so that it can end in order. A second SIGINT ends at once,
 * as it would without us.
 * @throws CancelledError when `work` failed because it was cancelled
 */
export async function untilCancelled(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController()
  const cancel = (): void => {
    controller.abort()
  }
  process.once('SIGINT', cancel)
  process.once('SIGTERM', cancel)
  try {
    await work(controller.signal)
  } catch (thrown) {
    if (!controller.signal.aborted) throw thrown
    throw new CancelledError('Cancelled before there was a result.', { cause: thrown })
  } finally {
    process.off('SIGINT', cancel)
    process.off('SIGTERM', cancel)
  }
}
