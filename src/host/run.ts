import { conclude, decideOutcome } from '../diagnosis/outcome.js'
import { runIn } from '../experiment/natural.js'
import type { NaturalRun, Place } from '../experiment/natural.js'
import type { Debugger } from '../experiment/dump.js'
import type { StoppedProcess } from '../gdb/types.js'
import type { Logger } from '../log.js'
import { recordEnding, recordTimeline } from '../result/assemble.js'
import type { Expect } from '../result/schema.js'
import { recordThreads } from '../result/threads.js'
import { version } from '../version.js'
import type { CoreHope } from './core-hope.js'
import { readCoreFile } from './core-file.js'
import { explainCore } from './explain.js'
import { listIds, readParent } from './proc.js'
import type { HostResult } from './result.js'
import { openHostSession } from './session.js'
import type { HostCommand, HostSession } from './session.js'

export interface HostPlan {
  readonly command: HostCommand
  readonly durationMs: number
  /** 0: silence is no sign */
  readonly stallTimeoutMs: number
  readonly expect: Expect
  /** Where a crash would leave a core; null when nowhere */
  readonly cores: CoreHope | null
}

export interface HostDeps {
  readonly gdb: Debugger
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * Runs a program of the user's own on this host under the watch, explains it when it stands still or crashes, and
 * ends it with all that it started.
 * @throws ConfigurationError when it can't be started
 */
export async function runOnHost(
  plan: HostPlan,
  deps: HostDeps,
): Promise<{ result: HostResult; process: StoppedProcess | null }> {
  const startedAt = new Date()
  let session: HostSession | undefined
  const place: Place<HostSession> = {
    open: async (events) => (session = await openHostSession(plan.command, events)),
    gdb: () => deps.gdb,
    parentLwps: (pid) => listIds(`/proc/${readParent(pid) ?? 0}/task`),
  }
  let gently = true
  try {
    const run = await runIn(place, { ...plan, gdbCommands: [], toolchain: null }, deps)
    gently = run.ending.reason === 'duration' || run.ending.reason === 'cancelled'
    return record(plan, startedAt, await explainCrash(plan, run, deps))
  } finally {
    await session?.end(gently)
  }
}

/** A crash leaves no process to look into, but perhaps a core. */
async function explainCrash(plan: HostPlan, run: NaturalRun, deps: HostDeps): Promise<NaturalRun> {
  const { ending } = run
  if (ending.reason !== 'exited' || run.diagnosis !== null) return run
  const core = ending.signal === null ? null : (plan.cores?.find() ?? null)
  if (core === null) return run
  try {
    const { diagnosis, process, warnings } = await explainCore(
      { core, executable: readCoreFile(core)?.executable ?? null, sysroot: '' },
      deps.gdb,
    )
    return { ...run, diagnosis, process, warnings: [...run.warnings, ...warnings] }
  } finally {
    plan.cores?.remove(core)
  }
}

function record(
  plan: HostPlan,
  startedAt: Date,
  run: NaturalRun,
): { result: HostResult; process: StoppedProcess | null } {
  const { ending, diagnosis } = run
  const decision = decideOutcome({ ...run, symbolizer: null })
  const result: HostResult = {
    schemaVersion: 1,
    tool: { name: 'cgo-deadlock-action', version },
    startedAt: startedAt.toISOString(),
    command: [plan.command.command, ...plan.command.args],
    ending: recordEnding(ending),
    timeline: recordTimeline(run.timeline),
    threads: run.watched && recordThreads(run.watched, diagnosis),
    counts: run.counts,
    outcome: decision.outcome,
    expect: plan.expect,
    conclusion: conclude(decision.outcome, plan.expect, {
      class: diagnosis?.class ?? null,
      exitCode: ending.reason === 'exited' ? ending.code : null,
    }),
    headline: decision.headline,
    diagnosis,
    warnings: [...run.warnings],
  }
  return { result, process: run.process }
}
