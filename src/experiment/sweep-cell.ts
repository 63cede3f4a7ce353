import { removeContainers } from '../container/containers.js'
import type { Host } from '../container/containers.js'
import { NO_EVIDENCE_TEXTS } from '../report/types.js'
import type { Sweep } from '../sweep/schema.js'
import { tellSweep } from '../sweep/story.js'
import type { CellDeps } from './deps.js'
import type { Examination } from './examine.js'
import { quitThroughGdb } from './goroutines.js'
import { makeMap } from './map.js'
import type { RunRecord } from './merge.js'
import { isBuiltIn } from './plan.js'
import type { ReadyPlan } from './plan.js'
import { runSweep } from './sweep.js'
import type { SweepSettings } from './sweep.js'
import { openSweepGround } from './sweep-ground.js'
import type { OpenGround } from './sweep-ground.js'

/** A sweep in containers, recorded as a run is. */
export interface SweptCell {
  readonly sweep: Sweep
  readonly run: RunRecord
}

/** Our own program profiles itself; the sweep sends its own signals. Nothing else may interrupt a throw. */
const QUIET = ['-profile=false', '-goroutines=false']

/**
 * Sweeps the program of a cell in containers of its own, which are gone afterwards.
 * @throws CommandError when a container can't be made or started
 */
export async function sweepCell(host: Host, plan: ReadyPlan, deps: CellDeps): Promise<SweptCell> {
  const command = isBuiltIn(plan.subject) ? [...plan.command, ...QUIET] : plan.command
  try {
    const ground = await openSweepGround(host, { ...plan, command }, deps.signal)
    const settings = {
      function: plan.sweepFunction,
      signals: plan.sweepSignals,
      avoid: [],
      toolchain: plan.toolchain,
      gdbCommands: plan.gdbCommands,
    }
    const { sweep: swept, examination } = await runSweep(ground, settings, deps)
    const goroutines = await askForGoroutines(ground, swept, examination)
    const sweep = await addMap(host, { ...plan, command }, swept, settings, deps)
    const run: RunRecord = {
      ending: {
        reason: 'swept',
        atMs: Math.round(sweep.seconds * 1000),
        sinceMs: null,
        detail: sweep.headline,
      },
      diagnosis: tellSweep(sweep, examination?.diagnosis ?? null),
      process: examination?.process ?? null,
      watched: null,
      counts: noCounts(sweep, ground.output.lines()),
      timeline: [{ atMs: Math.round(sweep.seconds * 1000), what: sweep.headline }],
      texts: {
        ...NO_EVIDENCE_TEXTS,
        threads: examination?.texts?.threads ?? '',
        threadsFull: examination?.texts?.threadsFull ?? '',
        output: ground.output.text(),
        goroutines,
        gdb: examination?.gdbLog ?? '',
      },
      warnings: examination?.warnings ?? [],
    }
    return { sweep, run }
  } finally {
    plan.guard?.leave()
    await removeContainers(host, plan.id)
  }
}

/** What hangs is asked for its goroutines, by a thread of it that does not hang. */
async function askForGoroutines(
  { gdb, output }: OpenGround,
  { failures: [failure] }: Sweep,
  examination: Examination | null,
): Promise<string> {
  const hangs = failure?.kind === 'deadlock' || failure?.kind === 'livelock'
  const lwps = examination?.process.threads.flatMap(({ lwp }) => lwp ?? []) ?? []
  const free = lwps.find((lwp) => lwp !== failure?.tid)
  if (!hangs || gdb === null || free === undefined) return ''
  return quitThroughGdb(gdb, { pid: failure.pid, tid: free }, output)
}

/** The map goes on behind the failures, in containers of its own: the first ones hold what hangs. */
async function addMap(
  host: Host,
  plan: ReadyPlan,
  sweep: Sweep,
  settings: SweepSettings,
  deps: CellDeps,
): Promise<Sweep> {
  if (!plan.sweepMap || sweep.failures.length === 0 || deps.signal.aborted) return sweep
  plan.guard?.leave()
  await removeContainers(host, plan.id)
  const ground = await openSweepGround(host, { ...plan, purpose: 'map' }, deps.signal)
  return { ...sweep, map: await makeMap(ground, settings, deps) }
}

function noCounts(sweep: Sweep, outputLines: number): RunRecord['counts'] {
  return {
    seconds: sweep.seconds,
    throws: null,
    signals: null,
    unwinds: null,
    exposures: null,
    outputLines,
  }
}
