import { constants } from 'node:os'
import type { Exit } from '../container/containers.js'
import { parseSamplerLine } from '../watch/sampler.js'
import type { Ending, Suspicion } from '../watch/types.js'
import { startWatch, stepWatch, summarizeWatch } from '../watch/watch.js'
import type { WatchEvent, WatchSettings, WatchSummary } from '../watch/watch.js'
import { findGoCrash } from './go-crash.js'
import type { OutputRecord } from './output.js'
import type { SessionEvents, WatchSession } from './session.js'

/** How often the watch hears that time has passed. */
const CLOCK_MS = 100
/** How much later than the sampler's end the target's own may be heard of */
const EXIT_NEWS_MS = 500

/** What the state machine of the watch needs from outside. */
export interface WatchDeps<S extends WatchSession> {
  /** Starts the target; the events given are those that the session is to tell */
  readonly open: (events: SessionEvents) => Promise<S>
  /** Dumps and explains; true when that confirms the suspicion */
  readonly lookInto: (session: S, suspicion: Suspicion, summary: WatchSummary) => Promise<boolean>
  readonly output: OutputRecord
  readonly signal: AbortSignal
}

/** A run that has ended, with its session still open: the target may live. */
export interface Watched<S extends WatchSession> {
  readonly session: S
  readonly ending: Ending
  readonly summary: WatchSummary
}

/**
 * Feeds everything that happens to the watch (a pure state machine) and carries out what it asks for, until it says
 * that the run is over.
 * @throws CommandError when the target can't be started
 */
export async function watchTarget<S extends WatchSession>(
  settings: WatchSettings,
  deps: WatchDeps<S>,
): Promise<Watched<S>> {
  const state = startWatch(settings)
  let finish: (ending: Ending) => void = () => undefined
  let fail: (thrown: unknown) => void = () => undefined
  const ended = new Promise<Ending>((resolve, reject) => {
    finish = resolve
    fail = reject
  })
  const waiting: WatchEvent[] = []
  let session: S | undefined

  function tell(event: WatchEvent): void {
    if (session === undefined) {
      waiting.push(event)
      return
    }
    const { request, ending } = stepWatch(state, event)
    if (ending !== null) finish(ending)
    if (request !== null) void look(session, request).catch(fail)
  }

  async function look(open: S, suspicion: Suspicion): Promise<void> {
    const summary = summarizeWatch(state)
    await open.pauseSampler()
    tell({ atMs: open.now(), type: 'dump-started' })
    let confirmed = false
    try {
      confirmed = await deps.lookInto(open, suspicion, summary)
    } finally {
      tell({ atMs: open.now(), type: 'dump-finished', confirmed })
      open.resumeSampler()
    }
  }

  const cancel = (): void => tell({ atMs: session?.now() ?? 0, type: 'cancelled' })
  deps.signal.addEventListener('abort', cancel)
  let clock: NodeJS.Timeout | undefined
  try {
    session = await deps.open({
      output: (chunk, atMs) => tell({ atMs, type: 'output', ...deps.output.add(chunk, atMs) }),
      samplerLine: (line, atMs) => {
        const event = parseSamplerLine(line)
        if (event !== null) tell({ atMs, type: 'sampler', event })
      },
      samplerEnded: (detail, atMs) => {
        // The target's end takes the sidecar along; that news may come a moment later.
        setTimeout(() => {
          if (state.ending !== null) return
          tell({ atMs, type: 'sampler-lost', detail })
          if (state.sampler.losses.length === 1) session?.restartSampler()
        }, EXIT_NEWS_MS)
      },
      exited: (exit, atMs) => tell({ atMs, type: 'exited', ...describeExit(exit, deps.output) }),
      lost: (detail, atMs) => tell({ atMs, type: 'lost', detail }),
    })
    const open = session
    for (const event of waiting.splice(0)) tell(event)
    if (deps.signal.aborted) cancel()
    clock = setInterval(() => tell({ atMs: open.now(), type: 'clock' }), CLOCK_MS)
    const ending = await ended
    return { session: open, ending, summary: summarizeWatch(state) }
  } finally {
    clearInterval(clock)
    deps.signal.removeEventListener('abort', cancel)
  }
}

function describeExit(
  exit: Exit,
  output: OutputRecord,
): {
  code: number | null
  signal: string | null
  oomKilled: boolean
} {
  const signal = signalName(exit.signal) ?? findGoCrash(exit.code, output.text())
  return { code: exit.code, signal, oomKilled: exit.oomKilled }
}

function signalName(number: number | null): string | null {
  if (number === null) return null
  const named = Object.entries(constants.signals).find(([, value]) => value === number)
  return named?.[0] ?? `signal ${number}`
}
