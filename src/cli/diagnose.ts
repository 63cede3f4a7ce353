import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { untilCancelled } from '../cancel.js'
import { diagnose } from '../diagnosis/diagnose.js'
import { findEngine } from '../engine.js'
import { scrubEnvironment } from '../environment.js'
import { ConfigurationError, errorMessage } from '../errors.js'
import { parseDump } from '../gdb/dump.js'
import { parseGdbText } from '../gdb/text.js'
import { readCoreFile } from '../host/core-file.js'
import type { CoreFile } from '../host/core-file.js'
import { explainCore, explainPid } from '../host/explain.js'
import type { Explained } from '../host/explain.js'
import { findGdb, WHERE_SCRIPT } from '../host/gdb.js'
import { findOtherFiles, isDecisive } from '../host/other-files.js'
import { withImageRoot } from '../host/image-root.js'
import { makePcReader } from '../host/where.js'
import { wholeNumber } from '../inputs/parsers.js'
import type { Logger } from '../log.js'
import { diagnosisText } from '../report/terminal.js'
import { makeConsoleLogger } from './log.js'
import { terminalStyle } from './terminal.js'

/** A dump of ten thousand threads has some 20 MB. */
const TEXT_BYTES_MAX = 256 * 1024 * 1024
/** The largest id that Linux gives (include/linux/threads.h, PID_MAX_LIMIT) */
const PID_MAX = 4_194_304
const EXIT_INCONCLUSIVE = 3

export interface DiagnoseFlags {
  readonly pid?: string
  readonly core?: string
  readonly exe?: string
  readonly sysroot?: string
  readonly image?: string
  readonly json?: boolean
  readonly verbose?: boolean
}

/**
 * `cgo-deadlock diagnose`: explains a dump that somebody posted, a live process of this host, or a core. Its exit code says
 * whether there is an explanation, not whether there is a fault.
 */
export async function diagnoseFromCommandLine(
  file: string | undefined,
  flags: DiagnoseFlags,
): Promise<void> {
  refuseContradictions(file, flags)
  const log = makeConsoleLogger({ verbose: flags.verbose === true, quiet: flags.json === true })
  await untilCancelled(async (signal) => {
    const explained = await explain(file, flags, log, signal)
    log.stop()
    for (const warning of explained.warnings) log.warning(warning)
    const { diagnosis } = explained
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify(diagnosis)}\n`
        : diagnosisText(diagnosis, explained.process, terminalStyle()),
    )
    process.exitCode = diagnosis.class === 'unknown' ? EXIT_INCONCLUSIVE : 0
  })
}

async function explain(
  file: string | undefined,
  flags: DiagnoseFlags,
  log: Logger,
  signal: AbortSignal,
): Promise<Explained> {
  if (file !== undefined) return explainText(await readDumpText(file))
  const env = scrubEnvironment(process.env)
  const pid = wholeNumber('pid', flags.pid ?? '', 1, PID_MAX)
  if (pid !== undefined) {
    const gdb = await findGdb(env, signal)
    log.progress(`Looking into process ${pid}`)
    return explainPid(pid, { gdb, signal, pcs: makePcReader({ script: WHERE_SCRIPT, env }) })
  }
  const core = flags.core ?? ''
  const facts = readCoreFile(core)
  if (facts === null) throw notACore(core)
  const gdb = await findGdb(env, signal)
  const look = (sysroot: string): Promise<Explained> => {
    const executable = findProgram(facts, sysroot, flags)
    warnMissing(facts, sysroot, log)
    const others = findOtherFiles(facts, (path) =>
      path === facts.executable ? executable : sysroot + path,
    )
    warnOthers(others, log)
    log.progress(`Looking into ${core}`)
    const decisive = others.filter((path) => isDecisive(path, facts.executable))
    return explainCore({ core, executable, sysroot, others: decisive }, gdb)
  }
  if (flags.image === undefined) return look(resolve(flags.sysroot ?? '/').replace(/\/$/, ''))
  const host = { engine: await findEngine(undefined, env), env }
  log.progress(`Copying the files of ${flags.image}`)
  return withImageRoot(flags.image, host, signal, look)
}

/**
 * The program that made the core: as given, or at the path that the core names.
 * @throws ConfigurationError when it is not there: without it a stack has no names and often no frames
 */
function findProgram({ executable }: CoreFile, sysroot: string, flags: DiagnoseFlags): string {
  const program = flags.exe ?? (executable === null ? null : sysroot + executable)
  if (program !== null && existsSync(program)) return program
  const missing =
    program === null
      ? 'The core does not name its program.'
      : `The program that made the core is not at ${program}.`
  throw new ConfigurationError(
    `${missing} Give the program with --exe, or the files of the machine that the core comes from with --sysroot or --image.`,
  )
}

/** gdb does without libraries that are missing, but stacks that lead through them end there. */
function warnMissing({ executable, files }: CoreFile, sysroot: string, log: Logger): void {
  const missing = files.filter((file) => file !== executable && !existsSync(sysroot + file))
  if (missing.length === 0) return
  const shown = missing.slice(0, 3).join(', ') + (missing.length > 3 ? '…' : '')
  log.warning(
    `${missing.length} of the ${files.length} files that the core maps are not here (${shown}). With --sysroot or --image its stacks may tell more.`,
  )
}

/** Files of the right name that are not the right files. */
function warnOthers(others: readonly string[], log: Logger): void {
  if (others.length === 0) return
  const shown = others.slice(0, 3).join(', ') + (others.length > 3 ? '…' : '')
  log.warning(
    `${others.length} of the files here are not those that made the core (${shown}): their build ids differ. With --sysroot or --image its stacks can be trusted.`,
  )
}

/** gdb's text as people post it, or the lines of our own dump. */
function explainText(text: string): Explained {
  const own = /^\s*\{"section":/.test(text)
  const stopped = own ? parseDump(text.split('\n')).process : parseGdbText(text)
  return { process: stopped, diagnosis: diagnose(stopped), warnings: [] }
}

async function readDumpText(file: string): Promise<string> {
  const source = file === '-' ? process.stdin : (await openDump(file)).createReadStream()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of source as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > TEXT_BYTES_MAX)
      throw new ConfigurationError(
        `${file} holds more than ${TEXT_BYTES_MAX / 1024 / 1024} MiB, which is no dump's text. For a core: --core ${file}`,
      )
    chunks.push(chunk)
  }
  const whole = Buffer.concat(chunks)
  if (whole.subarray(0, 4).toString('latin1') === '\u007fELF')
    throw new ConfigurationError(`${file} is a binary and no text. For a core: --core ${file}`)
  return whole.toString('utf8')
}

async function openDump(file: string): ReturnType<typeof open> {
  try {
    const handle = await open(file)
    if ((await handle.stat()).isDirectory()) throw new Error('it is a folder')
    return handle
  } catch (thrown) {
    throw new ConfigurationError(
      `${file} can't be read: ${errorMessage(thrown)}. Give a file with gdb's output, or - for standard input.`,
      { cause: thrown },
    )
  }
}

function notACore(core: string): ConfigurationError {
  return new ConfigurationError(
    `--core is ${JSON.stringify(core)}, which can't be read or is no core of a 64-bit program. ` +
      'A core is what `gcore PID` writes, or the kernel when a program crashes; a dump that is text needs no flag: diagnose FILE',
  )
}

const CORE_ONLY = ['exe', 'sysroot', 'image'] as const

/** Exactly one thing to explain, and what belongs to a core only beside one. */
function refuseContradictions(file: string | undefined, flags: DiagnoseFlags): void {
  const sources = Object.entries({ FILE: file, '--pid': flags.pid, '--core': flags.core })
  const given = sources.filter(([, value]) => value !== undefined).map(([name]) => name)
  if (given.length !== 1)
    throw new ConfigurationError(
      `${given.length === 0 ? 'There is nothing to explain' : `There are ${given.join(' and ')}`}. ` +
        'Give exactly one of: FILE (or - for standard input), --pid PID, --core CORE.',
    )
  const idle = CORE_ONLY.filter((name) => flags[name] !== undefined && flags.core === undefined)
  if (idle.length > 0)
    throw new ConfigurationError(
      `--${idle.join(', --')} only means something beside --core. Leave it out, or give the core.`,
    )
  if (flags.sysroot !== undefined && flags.image !== undefined)
    throw new ConfigurationError(
      '--sysroot and --image both say where the files of the core are. Give one of them.',
    )
}
