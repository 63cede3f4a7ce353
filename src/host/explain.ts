import { diagnose } from '../diagnosis/diagnose.js'
import type { Diagnosis } from '../diagnosis/schema.js'
import { ConfigurationError } from '../errors.js'
import { takeDump } from '../experiment/dump.js'
import type { Debugger, RawDump } from '../experiment/dump.js'
import { isRefused } from '../experiment/examine.js'
import { parseDump } from '../gdb/dump.js'
import { mergeObservations } from '../gdb/observe.js'
import type { StoppedProcess } from '../gdb/types.js'
import { observeAll } from '../watch/observe.js'
import { emptyTable, updateTable } from '../watch/threads.js'
import type { ThreadObservation } from '../watch/types.js'
import { doubtDiagnosis, isDecisive } from './other-files.js'
import { listIds, readParent, readStatus, readText } from './proc.js'
import { startSampler } from './sampler.js'
import type { PcReader } from './where.js'

/** A thread that is busy shows it within a second; the samples of where it runs come after that. */
const OBSERVE_MS = 2000

/** A stopped process and what it amounts to. */
export interface Explained {
  readonly process: StoppedProcess
  readonly diagnosis: Diagnosis
  readonly warnings: readonly string[]
}

/**
 * Looks into a live process of this host: watches its threads for two seconds, then stops it for the moment of a dump.
 * It runs on afterwards.
 * @throws ConfigurationError when there is no such process, or the kernel refuses; the message says what would work
 */
export async function explainPid(
  pid: number,
  deps: { readonly gdb: Debugger; readonly pcs: PcReader; readonly signal: AbortSignal },
): Promise<Explained> {
  refuseLifeless(pid)
  const observations = await observeProcess(pid, deps.pcs, deps.signal)
  const parentLwps = listIds(`/proc/${readParent(pid) ?? 0}/task`)
  const raw = await takeDump(deps.gdb, {
    target: { pid },
    mode: 'quick',
    first: [],
    commands: [],
  })
  deps.signal.throwIfAborted()
  const parsed = parseDump(raw.lines)
  if (parsed.process.threads.length === 0) {
    refuseLifeless(pid)
    const refused = isRefused(parsed.process.unread[0] ?? '') && deps.gdb.explainRefusal?.(pid)
    throw typeof refused === 'string'
      ? new ConfigurationError(refused)
      : noThreads(`process ${pid}`, raw, parsed.process)
  }
  const process = mergeObservations({ ...parsed.process, pid }, observations)
  return { process, diagnosis: diagnose(process, { parentLwps }), warnings: warningsOf(raw) }
}

/** Processes without a stack to look into. */
function refuseLifeless(pid: number): void {
  const status = readStatus(pid)
  const why =
    status === null
      ? 'there is no such process on this host'
      : 'ZX'.includes(status.state)
        ? `process ${pid} (${status.name}) has ended, and its parent has not taken note yet`
        : isKernelThread(pid)
          ? `process ${pid} (${status.name}) is a thread of the kernel`
          : null
  if (why === null) return
  throw new ConfigurationError(
    `--pid is ${pid}, but ${why}. \`ps -e\` lists the processes that there are.`,
  )
}

/** PF_KTHREAD (linux/sched.h) in the ninth field of `stat`, the seventh behind the name. */
function isKernelThread(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`) ?? ''
  const flags = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6])
  return (flags & 0x00200000) !== 0
}

/** What gdb is to make of a core. */
export interface CoreRequest {
  readonly core: string
  /** The program that made it; gdb does with what the core holds when it is not known */
  readonly executable: string | null
  /** Folder with the files of the machine that it comes from, `''` for this one's own */
  readonly sysroot: string
  /** Files that decide how it is read, and that are not those that the program ran with */
  readonly others?: readonly string[]
}

/**
 * Looks into a core.
 * @throws ConfigurationError when gdb can make nothing of it
 */
export async function explainCore(request: CoreRequest, gdb: Debugger): Promise<Explained> {
  const { core, executable, sysroot, others = [] } = request
  const raw = await takeDump(gdb, {
    target: { core, executable },
    sysroot,
    mode: 'full',
    first: [],
    commands: [],
  })
  const { process } = parseDump(raw.lines)
  if (process.threads.length === 0) throw noThreads(core, raw, process)
  const unloaded = process.libraries.filter(({ symbols }) => !symbols).map(({ path }) => path)
  const missing = unloaded.filter((path) => isDecisive(path, executable))
  return {
    process,
    diagnosis: doubtDiagnosis(diagnose(process), { others, missing }),
    warnings: warningsOf(raw),
  }
}

async function observeProcess(
  pid: number,
  pcs: PcReader,
  signal: AbortSignal,
): Promise<ThreadObservation[]> {
  const table = emptyTable()
  const sampler = startSampler({ root: pid, descendants: false, pcs }, (event) => {
    updateTable(table, event, event.t)
  })
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, OBSERVE_MS)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(new Error('cancelled'))
      })
    })
    await sampler.pause()
    return observeAll(table, [])
  } finally {
    sampler.stop()
  }
}

function noThreads(what: string, raw: RawDump, process: StoppedProcess): ConfigurationError {
  const said = [...process.unread, raw.trouble, raw.gdbLog.trim().split('\n').at(-1)]
  const why = said.find((each) => each !== null && each !== undefined && each !== '')
  return new ConfigurationError(`gdb could make nothing of ${what}: ${why ?? 'it said nothing'}`)
}

function warningsOf(raw: RawDump): string[] {
  return raw.trouble === null ? [] : [`The dump is not complete: ${raw.trouble}.`]
}
