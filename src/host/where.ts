import { startCommand } from '../exec.js'
import type { Running } from '../exec.js'
import { splitLines } from '../experiment/lines.js'

const LINE_BYTES = 4096
/** The helper gives a thread two seconds; a helper that says nothing for so long is given up. */
const ANSWER_MS = 10_000

/** Where a running thread is; `late` when it did not stop in time or has ended. */
export type PcAnswer =
  | { readonly kind: 'at'; readonly pc: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'refused'; readonly why: string }

/** Finds out where running threads are; they stop for some microseconds. */
export interface PcReader {
  read(tid: number): Promise<PcAnswer>
  stop(): void
}

/**
 * A reader of program counters: native/host/where.py in gdb's own Python, since a Node program can't call ptrace. Started
 * when it is first asked; never rejects.
 */
export function makePcReader(options: {
  readonly script: string
  readonly env: Readonly<Record<string, string>>
}): PcReader {
  let helper: Running | undefined
  let broken: string | undefined
  const waiting = new Map<number, (answer: PcAnswer) => void>()

  function start(): Running {
    const addChunk = splitLines(LINE_BYTES, (line) => {
      const [tid = '', kind = '', ...rest] = line.split(' ')
      const answer = readAnswer(kind, rest.join(' '))
      if (answer !== null) waiting.get(Number(tid))?.(answer)
    })
    const running = startCommand('gdb', ['--batch', '-nx', '-x', options.script], {
      env: options.env,
      keepInput: true,
      onOutput: (chunk, stream) => {
        if (stream === 'stdout') addChunk(chunk)
      },
    })
    void running.finished.then(({ stderrTail }) => {
      broken = stderrTail.trim().split('\n').at(-1) || 'gdb ended'
      for (const answer of waiting.values()) answer({ kind: 'refused', why: broken })
    })
    return running
  }

  return {
    read: (tid) =>
      new Promise((resolve) => {
        if (broken !== undefined) {
          resolve({ kind: 'refused', why: broken })
          return
        }
        helper ??= start()
        const limit = setTimeout(() => helper?.stop(), ANSWER_MS)
        waiting.set(tid, (answer) => {
          clearTimeout(limit)
          waiting.delete(tid)
          resolve(answer)
        })
        helper.write(`${tid}\n`)
      }),
    stop: () => helper?.write('end\n'),
  }
}

/** The words behind the thread's id in an answer: `at 0x7f12`, `late`, `refused Operation not permitted`. */
function readAnswer(kind: string, rest: string): PcAnswer | null {
  if (kind === 'at') return { kind, pc: rest }
  if (kind === 'late') return { kind }
  return kind === 'refused' ? { kind, why: rest } : null
}
