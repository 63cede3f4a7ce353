import { CancelledError } from './errors.js'

/** 128 + SIGINT */
const EXIT_CANCELLED = 130

/**
 * Runs `work` with a signal that SIGINT or SIGTERM aborts, so that it can end in order. The next such signal ends the
 * process at once. The listeners stay for as long as `work` runs: libraries that clean up on signals take a signal
 * without a listener for the end of the process.
 * @throws CancelledError when `work` failed because it was cancelled
 */
export async function untilCancelled(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController()
  function cancel(): void {
    if (controller.signal.aborted) process.exit(EXIT_CANCELLED)
    controller.abort()
  }
  process.on('SIGINT', cancel)
  process.on('SIGTERM', cancel)
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
