import { performance } from 'node:perf_hooks'
import type { DiagnosisContext } from '../diagnosis/context.js'
import { diagnose } from '../diagnosis/diagnose.js'
import type { Diagnosis } from '../diagnosis/schema.js'
import type { DumpPlan } from '../gdb/command.js'
import { parseDump } from '../gdb/dump.js'
import type { DumpTexts } from '../gdb/dump.js'
import { mergeObservations, processFromObservations } from '../gdb/observe.js'
import type { StoppedProcess } from '../gdb/types.js'
import type { ThreadObservation } from '../watch/types.js'
import { takeDump } from './dump.js'
import type { Debugger } from './dump.js'

/** More processes than this, or longer than this, are not looked into one by one; the rest is named in a warning. */
const MAX_PROCESSES = 8
const LOOK_MS = 120_000

/** What to look at with gdb, and what is known already. */
export interface ExamineRequest {
  /** Most interesting first */
  readonly pids: readonly number[]
  readonly mode: DumpPlan['mode']
  /** Threads to look at before all others */
  readonly first: readonly number[]
  readonly commands: readonly string[]
  /** First lets the program, held by the gate, run to a signal */
  readonly hold?: NonNullable<DumpPlan['hold']>
  readonly observations: readonly ThreadObservation[]
  readonly context: DiagnosisContext
  /** Thread ids of the process that forked another, where they can be had */
  readonly parentLwps?: (pid: number) => readonly number[]
}

/** One process as gdb saw it, explained. */
export interface Examination {
  readonly process: StoppedProcess
  readonly diagnosis: Diagnosis
  readonly texts: DumpTexts | null
  readonly gdbLog: string
  readonly warnings: readonly string[]
}

/** Dumps and explains the processes asked for; the one with the clearest fault comes first. Never throws. */
export async function examine(
  gdb: Debugger,
  request: ExamineRequest,
): Promise<readonly Examination[]> {
  const found: Examination[] = []
  const startedAt = performance.now()
  for (const pid of request.pids) {
    if (found.length >= MAX_PROCESSES || performance.now() - startedAt > LOOK_MS) break
    found.push(await examineProcess(gdb, pid, request))
  }
  const left = request.pids.slice(found.length)
  const [best, ...others] = found.toSorted(
    (one, other) => weight(other.diagnosis) - weight(one.diagnosis),
  )
  if (best === undefined || left.length === 0) return best === undefined ? [] : [best, ...others]
  return [{ ...best, warnings: [...best.warnings, nameLeft(left)] }, ...others]
}

function nameLeft(pids: readonly number[]): string {
  const shown = pids.slice(0, 10).join(', ') + (pids.length > 10 ? '…' : '')
  return `${pids.length} more processes were not looked into: ${shown}. They had fewer threads, and fewer that stood still.`
}

async function examineProcess(
  gdb: Debugger,
  pid: number,
  request: ExamineRequest,
): Promise<Examination> {
  const raw = await takeDump(gdb, { ...request, target: { pid } })
  const parsed = parseDump(raw.lines)
  const observations = request.observations.filter((thread) => thread.pid === pid)
  const usable = parsed.process.threads.length > 0
  const [said = 'gdb showed no thread'] = parsed.process.unread
  const refused = isRefused(said) ? (gdb.explainRefusal?.(pid) ?? null) : null
  const reason = refused ?? raw.trouble ?? said
  const process = usable
    ? mergeObservations({ ...parsed.process, pid: parsed.process.pid ?? pid }, observations)
    : processFromObservations(observations, reason)
  return {
    process,
    diagnosis: diagnose(process, {
      ...request.context,
      parentLwps: request.parentLwps?.(pid) ?? [],
    }),
    texts: usable ? parsed.texts : null,
    gdbLog: raw.gdbLog,
    warnings: !usable
      ? [`Process ${pid} could not be looked into. ${reason}`]
      : raw.trouble === null || parsed.complete
        ? []
        : [`The dump of process ${pid} is not complete: ${raw.trouble}.`],
  }
}

/** What gdb 10 to 18 say when ptrace is refused (nat/linux-ptrace.c, linux_ptrace_attach_fail_reason; perror's words). */
export function isRefused(said: string): boolean {
  return /^attach: .*(not permitted|ptrace|Could not attach)/s.test(said)
}

/** True when a dump shows a fault well enough to end a run on. */
export function isConfirmed({ failure, confidence }: Diagnosis): boolean {
  return failure !== 'none' && failure !== 'unknown' && confidence !== 'weak'
}

/** What is not even a hint at a fault weighs nothing: then the order asked for stays. */
function weight(diagnosis: Diagnosis): number {
  if (isConfirmed(diagnosis)) return 2
  return diagnosis.failure === 'none' || diagnosis.failure === 'unknown' ? 0 : 1
}
