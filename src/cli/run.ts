import { join, resolve } from 'node:path'
import { findEngine } from '../engine.js'
import { scrubEnvironment } from '../environment.js'
import { runCell } from '../experiment/cell.js'
import { planCell } from '../experiment/plan.js'
import type { RunPlan } from '../experiment/plan.js'
import { DEBIAN_STABLE, qualifyImage } from '../image/names.js'
import { actingInputs, readInputTexts, readInputs } from '../inputs/inputs.js'
import { terminalText } from '../report/terminal.js'
import { setUpHost } from '../setup/setup.js'
import { exitCodeOf } from './exit-code.js'
import { flagOf } from './flag.js'
import { makeConsoleLogger } from './log.js'
import { untilCancelled } from '../cancel.js'

const WIDTH_MAX = 110

/** Flags of `run` as commander gives them: inputs by their camelCase names, and the terminal's own. */
export interface RunFlags {
  readonly [input: string]: string | boolean | undefined
  readonly setup?: boolean
  readonly folder: string
  readonly json?: boolean
  readonly verbose?: boolean
}

/** `cgo-deadlock run`: one cell, its result on standard output, its exit code by what was expected. */
export async function runFromCommandLine(flags: RunFlags): Promise<void> {
  const log = makeConsoleLogger({ verbose: flags.verbose === true, quiet: flags.json === true })
  const env = scrubEnvironment(process.env)
  const read = (name: string): string => String(flags[flagOf(name)] ?? '')
  const inputs = readInputs(read)
  await untilCancelled(async (signal) => {
    const deps = { env, log, signal }
    const place = { folder: resolve(flags.folder), cwd: process.cwd() }
    const plan = await planCell(inputs, actingInputs(readInputTexts(read)), place, deps)
    if (flags.setup === true) {
      const engine = inputs.engine === undefined ? {} : { engine: inputs.engine }
      await setUpHost({ ...deps, ...engine, installs: true, bases: basesOf(plan) })
    }
    const host = { engine: await findEngine(inputs.engine, env), env }
    const { material, folder } = await runCell(plan, host, deps)
    log.stop()
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify(material.result)}\n`
        : terminalText(material.result, material.process, {
            colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
            width: Math.min(process.stdout.columns || 100, WIDTH_MAX),
            reportPath: join(folder, 'report.html'),
          }),
    )
    process.exitCode = exitCodeOf(material.result)
  })
}

/** Base images that the run will need. */
function basesOf({ subject, imageRegistry }: RunPlan): string[] {
  const bases = subject.kind === 'build' ? [subject.toolchain.baseImage] : []
  return [...new Set([...bases, DEBIAN_STABLE])].map((base) => qualifyImage(base, imageRegistry))
}
