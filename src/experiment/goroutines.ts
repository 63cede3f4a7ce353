import { setTimeout as sleep } from 'node:timers/promises'
import { quitArguments } from '../gdb/quit.js'
import type { Debugger } from './dump.js'
import type { OutputRecord } from './output.js'

/** gdb starts, and lets the process go on; most end of the signal at once. */
const QUIT_SECONDS = 5
const LOOK_AGAIN_MS = 100
/** So many looks at which nothing more had come: it has ended, or its own dump hangs at the lock that all wait for. */
const QUIET_LOOKS = 5

/** What was printed since the mark, where that is Go's dump of its goroutines. */
export function goroutinesIn(output: OutputRecord): string {
  const text = output.textSinceMark()
  return /^goroutine \d+ /m.test(text) ? text : ''
}

/**
 * Has a Go process print its goroutines, by gdb alone: the sidecar may trace it, but has no right to send it a signal. A
 * thread that is free to take SIGQUIT must be named. The process ends of it, unless its symbolizer waits for the lock as well.
 * @returns '' where the process is not Go's, or did not answer
 */
export async function quitThroughGdb(
  gdb: Debugger,
  { pid, tid }: { readonly pid: number; readonly tid: number },
  output: OutputRecord,
): Promise<string> {
  output.mark()
  const running = gdb.start(quitArguments(pid, tid), QUIT_SECONDS, { onOutput: () => undefined })
  const over = new AbortController()
  void running.finished.then(() => over.abort())
  let text = ''
  let quiet = 0
  for (let waited = 0; waited < QUIT_SECONDS * 1000; waited += LOOK_AGAIN_MS) {
    await sleep(LOOK_AGAIN_MS)
    const now = goroutinesIn(output)
    quiet = now === text ? quiet + 1 : 0
    text = now
    if (quiet >= QUIET_LOOKS && (over.signal.aborted || text !== '')) break
  }
  running.stop()
  return text
}
