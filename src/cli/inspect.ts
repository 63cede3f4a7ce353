import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { untilCancelled } from '../cancel.js'
import { findEngine } from '../engine.js'
import { scrubEnvironment } from '../environment.js'
import { ConfigurationError } from '../errors.js'
import { oneOf } from '../inputs/parsers.js'
import { inspectTarget } from '../inspect/inspect.js'
import { inspectionText } from '../inspect/text.js'
import { makeConsoleLogger } from './log.js'
import { terminalStyle } from './terminal.js'

const EXIT_CODES = { safe: 0, vulnerable: 2, unknown: 3 } as const

export interface InspectFlags {
  readonly program?: string
  readonly sysroot?: string
  readonly engine?: string
  readonly json?: boolean
  readonly verbose?: boolean
}

/** `cgo-deadlock inspect`: the verdict without a run, on standard output and as exit code. */
export async function inspectFromCommandLine(target: string, flags: InspectFlags): Promise<void> {
  const env = scrubEnvironment(process.env)
  const wanted =
    flags.engine === undefined ? undefined : oneOf('engine', flags.engine, ['docker', 'podman'])
  const sysroot = flags.sysroot === undefined ? undefined : await folderOf(flags.sysroot)
  const log = makeConsoleLogger({ verbose: flags.verbose === true, quiet: flags.json === true })
  await untilCancelled(async (signal) => {
    log.progress(`Looking into ${target}`)
    const report = await inspectTarget(
      { target, program: flags.program, sysroot },
      { signal, findHost: async () => ({ engine: await findEngine(wanted, env), env }) },
    )
    log.stop()
    process.stdout.write(
      flags.json === true ? `${JSON.stringify(report)}\n` : inspectionText(report, terminalStyle()),
    )
    process.exitCode = EXIT_CODES[report.verdict]
  })
}

async function folderOf(sysroot: string): Promise<string> {
  const found = await stat(sysroot).catch(() => null)
  if (found?.isDirectory() === true) return resolve(sysroot)
  throw new ConfigurationError(
    `--sysroot is ${JSON.stringify(sysroot)}, which is no folder that can be read. Give the folder with the files of the machine that the program will run on, or / for this one.`,
  )
}
