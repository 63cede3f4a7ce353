import { setTimeout as sleep } from 'node:timers/promises'
import { quitArguments } from '../gdb/quit.js'
import type { Debugger } from './dump.js'
import type { OutputRecord } from './output.js'

/** gdb starts, lets the process go on, and waits for its end. */
const QUIT_SECONDS = 10
/** What it printed last is under way for a moment after its end. */
const ARRIVE_MS = 1_500
const LOOK_AGAIN_MS = 100

/** What was printed since the mark, where that is Go's dump of its goroutines. */
export function goroutinesIn(output: OutputRecord): string {
  const text = output.textSinceMark()
  return /^goroutine \d+ /m.test(text) ? text : ''
}

/**
 * Has a Go process print its goroutines and end, by gdb alone: the sidecar may trace it, but has no right to send it a
 * signal. A thread that is free to take SIGQUIT must be named.
 * @returns '' where the process is not Go's, or did not answer
 */
export async function quitThroughGdb(
  gdb: Debugger,
  { pid, tid }: { readonly pid: number; readonly tid: number },
  output: OutputRecord,
): Promise<string> {
  output.mark()
  await gdb.start(quitArguments(pid, tid), QUIT_SECONDS, { onOutput: () => undefined }).finished
  let text = goroutinesIn(output)
  for (let waited = 0; waited < ARRIVE_MS; waited += LOOK_AGAIN_MS) {
    await sleep(LOOK_AGAIN_MS)
    const now = goroutinesIn(output)
    if (now !== '' && now === text) break
    text = now
  }
  return text
}
