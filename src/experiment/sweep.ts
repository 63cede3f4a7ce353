import { performance } from 'node:perf_hooks'
import type { Logger } from '../log.js'
import { recordSweep } from '../sweep/record.js'
import type { SweepAbout, Told } from '../sweep/record.js'
import type { Sweep, SweepFailure } from '../sweep/schema.js'
import { coldSeries, warmSeries } from '../sweep/series.js'
import type { Series } from '../sweep/series.js'
import { count, passageName } from '../sweep/words.js'
import type { BuiltToolchain } from '../toolchain/types.js'
import type { Debugger } from './dump.js'
import { examine } from './examine.js'
import type { Examination } from './examine.js'
import { callSweep } from './sweeper.js'
import type { SweepCall, Sweeper } from './sweeper.js'

/** A thread of another program that throws comes by within this, or not at all. */
const FIND_SECONDS = 10
/** Where a crash is held for gdb: it comes again at once when the process goes on. */
const CRASH_SECONDS = 5

/** What is swept, and how. */
export interface SweepSettings {
  readonly function: string
  readonly signals: readonly number[]
  /** Functions in which no signal is sent, for tests of what else would hang */
  readonly avoid: readonly string[]
  /** A function that each handler must be seen to enter; without it the traceback function, where one is set */
  readonly observe?: string | undefined
  readonly toolchain: BuiltToolchain | null
  readonly gdbCommands: readonly string[]
}

/** Where the program is. */
export interface SweepGround {
  /** The process, or the one above the gate that holds it */
  readonly pid: number
  /** A gate holds it, and has another one ready each time */
  readonly held: boolean
  readonly sweeper: Sweeper
  /** Null where there is none: a failure is then told without a dump */
  readonly gdb: Debugger | null
}

export interface SweepDeps {
  readonly log: Logger
  readonly signal: AbortSignal
}

/** A sweep done: its record, and the failed process as gdb saw it. */
export interface SweepRun {
  readonly sweep: Sweep
  readonly examination: Examination | null
  /** The kernel did not let the process be traced */
  readonly refused: boolean
}

/**
 * Sweeps a program: warm throws on one process; then, where a gate holds more, cold ones, beside the rest of the warm
 * ones, since a machine has two cores at the least. The first failure ends it, and gdb looks at what it left. Never throws
 * for what the program does.
 */
export async function runSweep(
  ground: SweepGround,
  settings: SweepSettings,
  deps: SweepDeps,
): Promise<SweepRun> {
  const begun = performance.now()
  const calls = callSeries(ground, settings, deps)
  const told = await calls.finished
  const about: SweepAbout = {
    ...settings,
    temperatures: ground.held ? ['warm', 'cold'] : ['warm'],
    hasSymbolizer: settings.toolchain === null ? null : settings.toolchain.symbolizer !== null,
    seconds: (performance.now() - begun) / 1000,
    cancelled: deps.signal.aborted,
  }
  const sweep = recordSweep(told, about)
  const [failure] = sweep.failures
  const examination =
    failure === undefined || sweep.outcome === 'cancelled'
      ? null
      : await lookAt(ground.gdb, failure, settings, deps)
  return { sweep, examination, refused: isRefused(told) }
}

function isRefused(told: readonly Told[]): boolean {
  return told.some(({ trials }) => trials.some(({ end }) => end?.reason === 'refused'))
}

interface SeriesCalls {
  readonly finished: Promise<readonly Told[]>
}

/** The cold series begins when the warm one has passed what fails fast, so that the same failure is found each time. */
function callSeries(
  ground: SweepGround,
  settings: SweepSettings,
  { log, signal }: SweepDeps,
): SeriesCalls {
  const under: SweepCall[] = []
  const stopAll = (): void => under.forEach((call) => call.stop())
  signal.addEventListener('abort', stopAll, { once: true })

  async function make(series: Series, onPassage: (call: SweepCall) => void): Promise<Told> {
    const call = callSweep(
      ground.sweeper,
      sweepArguments(ground, settings, series.words),
      (trial) => {
        const passage = trial.passages.at(-1)
        if (passage?.kind === 'signals' && passage.failure === null)
          log.progress(
            `Sweeping ${passageName(settings.function)}: ${count(signalsOf(under))} signals so far, every handler came back`,
          )
        onPassage(call)
      },
    )
    under.push(call)
    if (signal.aborted) call.stop()
    const lost = await call.finished
    return { temperature: series.temperature, trials: call.trials, lost }
  }

  async function all(): Promise<Told[]> {
    let startCold: () => void = () => undefined
    const densePassed = new Promise<void>((resolve) => {
      startCold = resolve
    })
    const wanted = 2 + settings.signals.length
    const warm = make(warmSeries(settings.signals), ({ trials }) => {
      const passages = trials.flatMap((trial) => trial.passages)
      if (passages.length >= wanted && passages.every(({ failure }) => failure === null))
        startCold()
    })
    if (!ground.held) return [await warm]
    const first = await Promise.race([densePassed, warm])
    const warmEnded = first !== undefined
    if (warmEnded && hasFailed(first)) return [first]
    const [early, late] = coldSeries(settings.signals)
    const cold = make(early, () => undefined)
    const more = warm.then((told) => {
      // Whichever fails first, the others have nothing to add.
      if (hasFailed(told)) under[1]?.stop()
      return hasFailed(told) || under.some(hasFailed) ? null : make(late, () => undefined)
    })
    return joinTold(await Promise.all([warm, cold, more]))
  }

  return { finished: all().finally(() => signal.removeEventListener('abort', stopAll)) }
}

/** The parts of the cold series as one. */
function joinTold([warm, cold, more]: readonly [Told, Told, Told | null]): Told[] {
  if (more === null) return [warm, cold]
  const trials = [...cold.trials, ...more.trials]
  return [warm, { ...cold, trials, lost: cold.lost ?? more.lost }]
}

function hasFailed({ trials }: Pick<Told, 'trials'>): boolean {
  return trials.some(({ passages }) => passages.some(({ failure }) => failure !== null))
}

function signalsOf(calls: readonly SweepCall[]): number {
  return calls
    .flatMap(({ trials }) => trials)
    .flatMap(({ passages }) => passages)
    .reduce((sum, { returned }) => sum + returned, 0)
}

/** How a sweep ends. */
export interface SweepEnd {
  /** `failed`: only a process that failed is left alive, for gdb; `none`: none is */
  readonly keep: 'failed' | 'none'
  /** A thread that does not come to the function again within so many seconds never does; the native sweep's own limit if absent */
  readonly againSeconds?: number
}

/** The command line of native/sweep for some passages. */
export function sweepArguments(
  ground: Pick<SweepGround, 'pid' | 'held'>,
  settings: Pick<SweepSettings, 'function' | 'avoid' | 'observe'>,
  words: readonly string[],
  { keep, againSeconds }: SweepEnd = { keep: 'failed' },
): string[] {
  return [
    ...(ground.held ? ['--held', '--keep', keep] : []),
    ...['--function', settings.function, '--find-s', String(FIND_SECONDS)],
    ...(againSeconds === undefined ? [] : ['--again-s', String(againSeconds)]),
    ...settings.avoid.flatMap((name) => ['--avoid', name]),
    ...(settings.observe === undefined ? [] : ['--observe', settings.observe]),
    String(ground.pid),
    ...words,
  ]
}

/** gdb on the process that failed, which stands as the failure left it. */
async function lookAt(
  gdb: Debugger | null,
  failure: SweepFailure,
  settings: SweepSettings,
  { log }: SweepDeps,
): Promise<Examination | null> {
  if (gdb === null) return null
  log.progress(`${failure.signal.name} at step ${count(failure.step)} failed; looking with gdb`)
  const signals = CAUGHT[failure.kind]
  const [found] = await examine(gdb, {
    pids: [failure.pid],
    mode: 'full',
    first: [failure.tid],
    commands: settings.gdbCommands,
    ...(signals === undefined ? {} : { hold: { signals, seconds: CRASH_SECONDS, gate: false } }),
    observations: [],
    context: { toolchain: settings.toolchain },
  })
  return found ?? null
}

/** The sweep stopped the process before these; gdb lets it come to them again. */
const CAUGHT: Partial<Record<SweepFailure['kind'], readonly string[]>> = {
  crash: ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGABRT', 'SIGSYS'],
}
