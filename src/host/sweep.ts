import { constants } from 'node:os'
import { Writable } from 'node:stream'
import { decideExperiment } from '../diagnosis/experiment.js'
import { conclude } from '../diagnosis/outcome.js'
import { ConfigurationError } from '../errors.js'
import { startCommand, startGroup } from '../exec.js'
import type { Group } from '../exec.js'
import type { Debugger } from '../experiment/dump.js'
import { makeMap } from '../experiment/map.js'
import { runSweep } from '../experiment/sweep.js'
import type { SweepGround, SweepRun, SweepSettings } from '../experiment/sweep.js'
import { GATE_HOLDS } from '../experiment/sweeper.js'
import type { Sweeper } from '../experiment/sweeper.js'
import type { StoppedProcess } from '../gdb/types.js'
import type { Logger } from '../log.js'
import { isExecutable, isOnPath } from '../programs.js'
import { makeRing } from '../ring.js'
import type { Ring } from '../ring.js'
import type { Expect } from '../result/schema.js'
import { tellSweep } from '../sweep/story.js'
import { version } from '../version.js'
import type { NativePrograms } from './native.js'
import { listDescendants } from './proc.js'
import { explainRefusal, ownCommandLine, readPtraceFacts } from './ptrace.js'
import type { SweptResult } from './result.js'

const SAID_BYTES = 4096
const SAID_LINES = 5

/** A command that the gate starts again and again, or a process that runs already. */
export type SweepSubject =
  { readonly command: readonly [string, ...string[]] } | { readonly pid: number }

export interface HostSweepPlan {
  readonly subject: SweepSubject
  readonly settings: Pick<SweepSettings, 'function' | 'signals' | 'avoid' | 'observe'>
  /** Goes on behind a failure until every instruction is decided; a command alone can be started afresh for that */
  readonly map: boolean
  readonly expect: Expect
  /** Where the program's output goes besides; null when nowhere */
  readonly output: NodeJS.WritableStream | null
}

export interface HostSweepDeps {
  readonly programs: NativePrograms
  readonly gdb: Debugger | null
  readonly env: Readonly<Record<string, string>>
  readonly log: Logger
  readonly signal: AbortSignal
}

/** A sweep on this host as it is shown and recorded. */
export interface HostSweep {
  readonly result: SweptResult
  readonly process: StoppedProcess | null
}

/**
 * Sweeps a program of the user's own on this host. A command is started afresh for each cold call, and all of it has ended
 * afterwards; a process that ran already goes on, unless it failed.
 * @throws ConfigurationError when the program can't be started or the process may not be traced
 */
export async function sweepOnHost(plan: HostSweepPlan, deps: HostSweepDeps): Promise<HostSweep> {
  return 'pid' in plan.subject
    ? sweepProcess(plan, plan.subject.pid, deps)
    : sweepCommand(plan, plan.subject.command, deps)
}

async function sweepProcess(
  plan: HostSweepPlan,
  pid: number,
  deps: HostSweepDeps,
): Promise<HostSweep> {
  if (readPtraceFacts(pid) === null)
    throw new ConfigurationError(`--pid is ${pid}, but there is no such process.`)
  const run = await makeSweep({ pid, held: false }, plan, deps)
  return record(plan, deps, run, [])
}

async function sweepCommand(
  plan: HostSweepPlan,
  command: readonly [string, ...string[]],
  deps: HostSweepDeps,
): Promise<HostSweep> {
  await requireProgram(command[0], deps.env)
  const said = makeRing(0, SAID_BYTES)
  const gated = <T>(
    purpose: keyof typeof GATE_HOLDS,
    work: (pid: number) => Promise<T>,
  ): Promise<T> =>
    withGate(
      () => startGated(['--again', String(GATE_HOLDS[purpose]), ...command], plan, deps, said),
      work,
    )
  const run = await gated('sweep', (pid) => makeSweep({ pid, held: true }, plan, deps))
  const last = run.sweep.outcome === 'inconclusive' ? lastLines(said.text()) : []
  const wanted = plan.map && run.sweep.failures.length > 0 && !deps.signal.aborted
  if (!wanted) return record(plan, deps, run, last)
  // The first gate's processes hold what hangs.
  const map = await gated('map', (pid) =>
    makeMap({ ...groundOf(deps), pid, held: true }, settingsOf(plan), deps),
  )
  return record(plan, deps, { ...run, sweep: { ...run.sweep, map } }, last)
}

/** Everything below the gate has ended afterwards. */
async function withGate<T>(
  start: () => Promise<Group>,
  work: (pid: number) => Promise<T>,
): Promise<T> {
  const group = await start()
  const letGo = endWithUs(group)
  try {
    return await work(group.pid)
  } finally {
    endAll(group)
    letGo()
  }
}

function startGated(
  gateArguments: readonly string[],
  { output }: HostSweepPlan,
  { programs }: HostSweepDeps,
  said: Ring,
): Promise<Group> {
  const sink = output ?? new Writable({ write: (_chunk, _encoding, done) => done() })
  return startGroup(programs.gate, gateArguments, {
    // The user's own command gets the user's own environment.
    env: process.env,
    // It runs several times, side by side: none of them can have our input.
    stdin: 'ignore',
    stdout: sink,
    stderr: sink,
    onOutput: (chunk) => said.add(chunk),
  })
}

async function makeSweep(
  where: Pick<SweepGround, 'pid' | 'held'>,
  plan: HostSweepPlan,
  deps: HostSweepDeps,
): Promise<SweepRun> {
  const run = await runSweep({ ...groundOf(deps), ...where }, settingsOf(plan), deps)
  if (!run.refused) return run
  const facts = readPtraceFacts(where.pid)
  throw new ConfigurationError(
    facts === null
      ? `Process ${where.pid} has ended before it could be swept.`
      : explainRefusal(facts, ownCommandLine()),
  )
}

function groundOf(deps: HostSweepDeps): Pick<SweepGround, 'sweeper' | 'gdb'> {
  return { sweeper: sweeperOnHost(deps), gdb: deps.gdb }
}

function settingsOf({ settings }: HostSweepPlan): SweepSettings {
  return { ...settings, toolchain: null, gdbCommands: [] }
}

function sweeperOnHost({ programs, env }: HostSweepDeps): Sweeper {
  return {
    start: (args, limitSeconds, onOutput) =>
      startCommand(programs.sweep, args, {
        env,
        deadlineMs: limitSeconds * 1000,
        onOutput: (chunk, stream) => {
          if (stream === 'stdout') onOutput(chunk)
        },
      }),
  }
}

function record(
  { subject, expect }: HostSweepPlan,
  { gdb }: HostSweepDeps,
  { sweep, examination }: SweepRun,
  said: readonly string[],
): HostSweep {
  const diagnosis = tellSweep(sweep, examination?.diagnosis ?? null)
  const decision = decideExperiment(sweep, null, { diagnosed: diagnosis })
  const undumped = gdb === null && sweep.failures.length > 0
  const result: SweptResult = {
    schemaVersion: 1,
    tool: { name: 'cgo-deadlock-action', version },
    startedAt: new Date(Date.now() - sweep.seconds * 1000).toISOString(),
    command: 'command' in subject ? [...subject.command] : null,
    pid: 'pid' in subject ? subject.pid : null,
    sweep,
    outcome: decision.outcome,
    expect,
    conclusion: conclude(decision.outcome, expect, {
      class: diagnosis?.class ?? null,
      exitCode: null,
    }),
    headline: decision.headline,
    diagnosis,
    warnings: [
      ...(examination?.warnings ?? []),
      ...(undumped
        ? ['gdb is not at hand, so there is no dump of the process that failed and no diagnosis.']
        : []),
      ...said.map((line) => `The program said: ${line}`),
    ],
  }
  return { result, process: examination?.process ?? null }
}

async function requireProgram(name: string, env: Readonly<Record<string, string>>): Promise<void> {
  const there = name.includes('/') ? await isExecutable(name) : await isOnPath(name, env)
  if (there) return
  throw new ConfigurationError(
    `${JSON.stringify(name)} can't be started: there is no such program, or it is not executable. Give a program and its arguments after --, such as: sweep -- ./program --flag`,
  )
}

function lastLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-SAID_LINES)
}

/** The gate, the programs that it started, and what those have put into groups of their own. */
function endAll(group: Group): void {
  const pids = listDescendants(group.pid)
  group.kill('SIGKILL')
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
}

/** @returns takes the handlers away again */
function endWithUs(group: Group): () => void {
  const end = (): void => endAll(group)
  const hangUp = (): void => process.exit(128 + constants.signals.SIGHUP)
  process.on('exit', end).on('SIGHUP', hangUp)
  return () => process.off('exit', end).off('SIGHUP', hangUp)
}
