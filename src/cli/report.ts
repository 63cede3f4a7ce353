import { join, resolve } from 'node:path'
import { ConfigurationError } from '../errors.js'
import { oneOf } from '../inputs/parsers.js'
import { findResults } from '../matrix-files/find-results.js'
import { loadBaseline } from '../matrix-files/load-baseline.js'
import { loadSpec } from '../matrix-files/load-spec.js'
import { readRun } from '../matrix-files/run-folder.js'
import { writeCompat } from '../matrix-files/write-compat.js'
import { planCells } from '../matrix/cells.js'
import type { CellPlan } from '../matrix/cells.js'
import { readResult } from '../matrix/read-results.js'
import { readSpec } from '../matrix/read-spec.js'
import { makeTable } from '../matrix/table.js'
import { compatText } from '../matrix/terminal.js'
import { exitCodeOf } from './exit-code.js'
import { terminalStyle } from './terminal.js'

export interface ReportFlags {
  readonly spec?: string
  readonly baseline?: string
  readonly failOn: string
  readonly output?: string
  readonly json?: boolean
}

/** `cgo-deadlock report DIR`: the results below a folder as one table. */
export async function reportFromCommandLine(directory: string, flags: ReportFlags): Promise<void> {
  const failOn = oneOf('fail-on', flags.failOn, ['regression', 'any', 'never'])
  if (failOn === 'regression' && flags.baseline === undefined) {
    throw new ConfigurationError(
      '--fail-on regression needs something to compare with: give --baseline with the compat.json of an earlier report.',
    )
  }
  const folder = resolve(directory)
  const plan = await loadPlan(folder, flags.spec)
  const baseline =
    flags.baseline === undefined
      ? null
      : { compat: await loadBaseline(resolve(flags.baseline)), where: flags.baseline }
  const results = (await findResults(folder)).map(readResult)
  const compat = makeTable({ plan, results, baseline, failOn, now: new Date() })
  const target = resolve(flags.output ?? directory)
  await writeCompat(target, compat)
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(compat)}\n`
      : `${compatText(compat, terminalStyle())}\nReport: ${join(target, 'compat.html')}\n`,
  )
  process.exitCode = exitCodeOf({ outcome: 'clean', conclusion: compat.conclusion })
}

/** The cells that there should be: of the spec given, else of the run that filled the folder, else unknown. */
async function loadPlan(folder: string, spec: string | undefined): Promise<CellPlan | null> {
  if (spec !== undefined) return planCells((await loadSpec(spec, process.cwd())).spec)
  const run = await readRun(folder)
  if (run === null) return null
  const plan = planCells(readSpec(run.spec.text, run.spec.name))
  const wanted = new Set(run.cells)
  return { ...plan, cells: plan.cells.filter(({ slug }) => wanted.has(slug)) }
}
