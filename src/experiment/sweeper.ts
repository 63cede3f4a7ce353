import { startInside, toolPath } from '../container/containers.js'
import type { Host } from '../container/containers.js'
import type { Running } from '../exec.js'
import { parseSweepLine } from '../sweep/events.js'
import { addToTrials } from '../sweep/trial.js'
import type { Trial, Trials } from '../sweep/trial.js'
import { splitLines } from './lines.js'

/** Every wait of the native sweep is bounded; this is for one that is itself stopped, or starved. */
const LIMIT_SECONDS = 15 * 60
/** A line holds some ten thousand numbers. */
const LINE_BYTES = 16 * 1024 * 1024

/**
 * How many programs a gate has ready, one of them being started: a sweep makes warm and cold throws side by side, a map takes
 * as many as the cores allow. Each that waits looks for its tracer all the time, so there are no more than that.
 */
export const GATE_HOLDS = { sweep: 3, map: 8 } as const

/** A native sweep somewhere: in the sidecar, or on this host. */
export interface Sweeper {
  /** Starts it with arguments; it must be gone after `limitSeconds` */
  start(args: readonly string[], limitSeconds: number, onOutput: (chunk: Buffer) => void): Running
}

/** One call of the native sweep. */
export interface SweepCall {
  readonly trials: Trials
  /** The end of it: null when it said its last word, else what happened to it. Never rejects. */
  readonly finished: Promise<string | null>
  stop(): void
}

/** Starts the native sweep and reads what it tells, process by process. `onTold` hears of each event once it is read. */
export function callSweep(
  sweeper: Sweeper,
  args: readonly string[],
  onTold: (trial: Trial) => void,
): SweepCall {
  const trials: Trials = []
  const addChunk = splitLines(LINE_BYTES, (line) => {
    const event = parseSweepLine(line)
    if (event !== null) onTold(addToTrials(trials, event))
  })
  const running = sweeper.start(args, LIMIT_SECONDS, addChunk)
  const finished = running.finished.then((ended) => {
    if (ended.exitCode === 0 && (trials.at(-1)?.end ?? null) !== null) return null
    const said = ended.stderrTail.trim().split('\n').at(-1) ?? ''
    return `the sweep ended with code ${ended.exitCode ?? '?'}${said === '' ? '' : `: ${said}`}`
  })
  return { trials, finished, stop: () => running.stop() }
}

/** The native sweep of a sidecar. */
export function sweeperInSidecar(host: Host, sidecar: string): Sweeper {
  return {
    start: (args, limitSeconds, onOutput) => {
      // `timeout` inside: ending the engine's client does not end what it started in the container.
      const command = ['timeout', String(limitSeconds), toolPath('sweep'), ...args]
      const deadlineMs = (limitSeconds + 5) * 1000
      return startInside(host, sidecar, command, {
        deadlineMs,
        onOutput: (chunk, stream) => {
          if (stream === 'stdout') onOutput(chunk)
        },
      })
    },
  }
}
