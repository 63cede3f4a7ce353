import { removeContainers, signalContainer } from '../container/containers.js'
import type { Host } from '../container/containers.js'
import type { DiagnosisContext } from '../diagnosis/context.js'
import { isFaultSignal } from '../diagnosis/outcome.js'
import type { Diagnosis } from '../diagnosis/schema.js'
import type { StoppedProcess } from '../gdb/types.js'
import type { EvidenceTexts } from '../report/types.js'
import type { Counts } from '../result/schema.js'
import type { Watched as WatchedThreads } from '../result/threads.js'
import type { BuiltToolchain } from '../toolchain/types.js'
import type { Ending, Suspicion, ThreadObservation } from '../watch/types.js'
import type { WatchSettings, WatchSummary } from '../watch/watch.js'
import type { CellDeps } from './deps.js'
import { gdbInSidecar } from './dump.js'
import type { Debugger } from './dump.js'
import { explainCrash } from './crash.js'
import { recordFamilies } from './families.js'
import { findDoubts } from './doubts.js'
import { examine, isConfirmed } from './examine.js'
import { goroutinesIn } from './goroutines.js'
import type { Examination } from './examine.js'
import { recordOutput } from './output.js'
import type { OutputRecord } from './output.js'
import type { ReadyPlan } from './plan.js'
import { orderProcesses } from './processes.js'
import { openSession } from './session.js'
import type { Session, SessionEvents, WatchSession } from './session.js'
import { watchTarget } from './watch-target.js'
import type { Watched } from './watch-target.js'

/** Go's own dump of its goroutines has this long to arrive. */
const GOROUTINES_MS = 3_000

/** A natural run: what happened, and everything that was gathered on the way. */
export interface NaturalRun {
  readonly ending: Ending
  readonly diagnosis: Diagnosis | null
  readonly process: StoppedProcess | null
  readonly counts: Counts
  readonly threadsRan: boolean
  /** What speaks against a clean bill, where nothing ended the run early */
  readonly doubts: readonly string[]
  readonly timeline: readonly { readonly atMs: number; readonly what: string }[]
  /** Null where nobody watched */
  readonly watched: WatchedThreads | null
  readonly texts: EvidenceTexts
  readonly warnings: readonly string[]
}

/**
 * Runs the program in containers under the watch, dumps and explains it when it stands still, and removes them.
 * @throws CommandError when a container can't be made or started
 */
export async function runNatural(host: Host, plan: ReadyPlan, deps: CellDeps): Promise<NaturalRun> {
  const families = recordFamilies()
  const place: Place<Session> = {
    open: async (events) => {
      const samplerLine = (line: string, atMs: number): void => {
        families.add(line)
        events.samplerLine(line, atMs)
      }
      const session = await openSession(host, plan, { ...events, samplerLine }, deps.signal)
      deps.log.progress(`Watching the program for up to ${plan.durationMs / 1000} s`)
      return session
    },
    gdb: gdbInSidecar,
    parentLwps: (pid) => families.parentLwps(pid),
    quit: ({ target }) => signalContainer(host, target, 'QUIT'),
  }
  try {
    const run = await runIn(place, plan, deps)
    await plan.guard?.settle()
    return await addCrash(host, plan, run, deps)
  } finally {
    plan.guard?.leave()
    await removeContainers(host, plan.id)
  }
}

/** A run that a signal ended, with the crash explained as far as it comes again. */
async function addCrash(
  host: Host,
  plan: ReadyPlan,
  run: NaturalRun,
  deps: CellDeps,
): Promise<NaturalRun> {
  const { ending } = run
  if (ending.reason !== 'exited' || ending.signal === null || ending.oomKilled) return run
  if (!isFaultSignal(ending.signal)) return run
  const report = await explainCrash(host, plan, { ...ending, signal: ending.signal }, deps)
  if (report.examination === null) {
    const warning = `The crash by ${ending.signal} could not be looked at: ${report.reason}.`
    return { ...run, warnings: [...run.warnings, warning] }
  }
  const { process, diagnosis, texts, gdbLog, warnings } = report.examination
  return {
    ...run,
    process,
    diagnosis,
    texts: {
      ...run.texts,
      threads: texts?.threads ?? '',
      threadsFull: texts?.threadsFull ?? '',
      gdb: gdbLog,
    },
    warnings: [...run.warnings, ...warnings],
  }
}

/** Where a program runs. */
export interface Place<S extends WatchSession> {
  /** Starts it; the events given are those that it is to tell */
  readonly open: (events: SessionEvents) => Promise<S>
  readonly gdb: (session: S) => Debugger
  /** Thread ids of the process that forked another; absent where they can't be had */
  readonly parentLwps?: (pid: number) => readonly number[]
  /** Sends it SIGQUIT, on which Go prints its goroutines; absent where nobody would read them */
  readonly quit?: (session: S) => Promise<void>
}

/** How a program is watched and dumped, wherever it runs. */
export interface RunSettings extends WatchSettings {
  readonly gdbCommands: readonly string[]
  readonly toolchain: BuiltToolchain | null
}

/**
 * Runs the program under the watch, dumps and explains it when it stands still. What was started is left to the caller.
 * @throws Error when it can't be started
 */
export async function runIn<S extends WatchSession>(
  place: Place<S>,
  settings: RunSettings,
  deps: Pick<CellDeps, 'log' | 'signal'>,
): Promise<NaturalRun> {
  const output = recordOutput()
  let confirmed: Examination | undefined
  let lastLook: Examination | undefined
  const watched = await watchTarget<S>(settings, {
    output,
    signal: deps.signal,
    open: place.open,
    lookInto: async (session, suspicion, summary) => {
      deps.log.progress('A thread looks stuck: looking into the process with gdb')
      const about = { pids: [suspicion.pid], first: suspicion.tids, suspicion }
      const known = { observations: summary.threads, counts: summary.counters }
      const request = { ...about, ...known, mode: 'quick' as const, commands: [] }
      const found = await look(place, session, settings, request)
      lastLook = found[0]
      confirmed = found.find(({ diagnosis }) => isConfirmed(diagnosis))
      return confirmed !== undefined
    },
  })
  return explain(place, settings, watched, { confirmed, lastLook, output }, deps)
}

interface LookRequest {
  readonly pids: readonly number[]
  readonly first: readonly number[]
  readonly mode: 'quick' | 'full'
  readonly commands: readonly string[]
  readonly suspicion: Suspicion | null
  readonly observations: readonly ThreadObservation[]
  readonly counts?: DiagnosisContext['counts']
}

function look<S extends WatchSession>(
  place: Place<S>,
  session: S,
  settings: RunSettings,
  request: LookRequest,
): Promise<readonly Examination[]> {
  const { suspicion, counts = null } = request
  return examine(place.gdb(session), {
    ...request,
    ...(place.parentLwps === undefined ? {} : { parentLwps: place.parentLwps }),
    context: { suspicion, counts, toolchain: settings.toolchain },
  })
}

/** After the run's end: the full dump and Go's own, where there is something to explain. */
async function explain<S extends WatchSession>(
  place: Place<S>,
  settings: RunSettings,
  watched: Watched<S>,
  seen: {
    readonly confirmed: Examination | undefined
    readonly lastLook: Examination | undefined
    readonly output: OutputRecord
  },
  deps: Pick<CellDeps, 'log'>,
): Promise<NaturalRun> {
  const { session, ending, summary } = watched
  const { confirmed, lastLook, output } = seen
  const doubts = ending.reason === 'duration' ? findDoubts(summary.threads, lastLook) : []
  const stands = ending.reason === 'confirmed' || ending.reason === 'silent' || doubts.length > 0
  const found = stands ? await examineStanding(place, settings, watched, deps) : []
  const goroutines = stands ? await dumpGoroutines(place, session, output) : ''
  const best = chooseExamination(found, confirmed)
  const textOf = (name: 'threads' | 'threadsFull'): string =>
    found.map((one) => processTitle(one, found.length) + (one.texts?.[name] ?? '')).join('\n')
  return {
    ending,
    diagnosis: best?.diagnosis ?? null,
    process: best?.process ?? null,
    counts: countRun(summary, output),
    doubts,
    threadsRan: summary.threads.some(({ ran }) => ran) || summary.counters !== null,
    timeline: summary.moments,
    watched: { histories: summary.history, holds: summary.holds, toMs: ending.atMs },
    texts: {
      threads: textOf('threads') || (confirmed?.texts?.threads ?? ''),
      threadsFull: userText(found) + textOf('threadsFull'),
      output: output.text(),
      goroutines,
      build: '',
      gdb: found.map(({ gdbLog }) => gdbLog).join('\n') || (confirmed?.gdbLog ?? ''),
    },
    warnings: [...found.flatMap(({ warnings }) => warnings), ...summary.troubles],
  }
}

async function examineStanding<S extends WatchSession>(
  place: Place<S>,
  settings: RunSettings,
  { session, ending, summary }: Watched<S>,
  deps: Pick<CellDeps, 'log'>,
): Promise<readonly Examination[]> {
  deps.log.progress('Dumping all threads')
  const suspicion = ending.reason === 'confirmed' ? ending.suspicion : null
  await session.pauseSampler()
  return look(place, session, settings, {
    pids: suspicion === null ? orderProcesses(summary.threads) : [suspicion.pid],
    first: suspicion?.tids ?? [],
    mode: 'full',
    commands: settings.gdbCommands,
    suspicion,
    observations: summary.threads,
    counts: summary.counters,
  })
}

/** The full dump is the better evidence; but if it failed, what confirmed the suspicion still stands. */
function chooseExamination(
  found: readonly Examination[],
  confirmed: Examination | undefined,
): Examination | undefined {
  const [full] = found
  if (full === undefined || confirmed === undefined) return full ?? confirmed
  return isConfirmed(full.diagnosis) ? full : confirmed
}

/** Go prints its goroutines on SIGQUIT. What it ends with afterwards is never the outcome. */
async function dumpGoroutines<S extends WatchSession>(
  place: Place<S>,
  session: S,
  output: OutputRecord,
): Promise<string> {
  if (place.quit === undefined) return ''
  output.mark()
  await place.quit(session)
  let limit: NodeJS.Timeout | undefined
  await Promise.race([
    session.exited,
    new Promise((resolve) => {
      limit = setTimeout(resolve, GOROUTINES_MS)
    }),
  ])
  clearTimeout(limit)
  return goroutinesIn(output)
}

function countRun(summary: WatchSummary, output: OutputRecord): Counts {
  const { counters } = summary
  return {
    seconds: Math.round(summary.seconds * 1000) / 1000,
    throws: counters?.throws ?? null,
    signals: counters?.signals ?? null,
    unwinds: counters?.unwinds ?? null,
    exposures: counters?.exposures ?? null,
    outputLines: output.lines(),
  }
}

/** Where there are several, each process' text says whose it is. */
function processTitle({ process, texts }: Examination, total: number): string {
  if (total < 2 || texts === null) return ''
  return `Process ${process.pid ?? '?'} (${process.executable ?? 'unknown'})\n\n`
}

function userText(found: readonly Examination[]): string {
  const text = found.map(({ texts }) => texts?.user ?? '').join('\n')
  return text.trim() === '' ? '' : `${text}\n\n`
}
