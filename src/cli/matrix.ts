import { availableParallelism, freemem } from 'node:os'
import { resolve } from 'node:path'
import { untilCancelled } from '../cancel.js'
import { scrubEnvironment } from '../environment.js'
import { ConfigurationError } from '../errors.js'
import { cellsAtOnce } from '../experiment/capacity.js'
import { runMatrix } from '../experiment/matrix.js'
import { wholeNumber } from '../inputs/parsers.js'
import { loadPlan } from '../matrix-files/load-plan.js'
import type { LoadedPlan } from '../matrix-files/load-plan.js'
import { clearCells, readRun, writeRun } from '../matrix-files/run-folder.js'
import type { RunRecord } from '../matrix-files/run-folder.js'
import { matrixEntries } from '../matrix/include.js'
import { planText } from '../matrix/plan-text.js'
import { makeConsoleLogger } from './log.js'
import { makeProgress } from './matrix-progress.js'

/** 128 + SIGINT */
const EXIT_CANCELLED = 130

export interface MatrixFlags {
  readonly run?: boolean
  readonly folder: string
  readonly jobs?: string
  readonly fresh?: boolean
  readonly affectedBy?: readonly string[]
  readonly json?: boolean
  readonly verbose?: boolean
}

/** `cgo-deadlock matrix [SPEC]`: its cells, as text or as GitHub's matrix takes them; with `--run` all of them run here. */
export async function matrixFromCommandLine(name: string, flags: MatrixFlags): Promise<void> {
  const loaded = await loadPlan(name, flags.affectedBy, process.cwd())
  const { plan } = loaded
  if (flags.run === true) await runHere(loaded, flags)
  else if (flags.json === true) print(`${JSON.stringify(matrixEntries(plan.cells))}\n`)
  else print(planText(plan))
}

async function runHere(loaded: LoadedPlan, flags: MatrixFlags): Promise<void> {
  const log = makeConsoleLogger({ verbose: flags.verbose === true, quiet: false })
  const folder = resolve(flags.folder)
  const { plan } = loaded
  const { cells } = plan
  const atOnce = readJobs(flags.jobs)
  const record = await openRun(folder, loaded, flags.fresh === true)
  for (const note of plan.notes) log.warning(note)
  const progress = makeProgress(log, cells.length, process.stderr.isTTY)
  log.info(`${cells.length} cells, up to ${atOnce} side by side; results go to ${folder}`)
  await untilCancelled(async (signal) => {
    const run = { cells, folder, since: new Date(record.startedAt), atOnce, tell: progress.tell }
    try {
      const env = scrubEnvironment(process.env)
      await runMatrix(run, { env, cwd: process.cwd(), log, signal })
    } catch (error) {
      if (!signal.aborted) throw error
      const { done } = progress.state()
      log.info(
        `Interrupted after ${done} of ${cells.length} cells. The same command goes on from there.`,
      )
      process.exitCode = EXIT_CANCELLED
      return
    } finally {
      log.stop()
    }
    await writeRun(folder, { ...record, finishedAt: new Date().toISOString() })
    const { failed } = progress.state()
    if (failed > 0) process.exitCode = 1
    print(
      `${cells.length - failed} of ${cells.length} cells have a result. For the table: cgo-deadlock report ${flags.folder}\n`,
    )
  })
}

/** Goes on with an interrupted run of the same cells, or begins a new one. */
async function openRun(
  folder: string,
  { name, text, plan }: LoadedPlan,
  fresh: boolean,
): Promise<RunRecord> {
  const earlier = await readRun(folder)
  const goesOn = earlier !== null && earlier.finishedAt === null && !fresh
  if (earlier !== null && !goesOn) await clearCells(folder)
  const record: RunRecord = {
    schemaVersion: 1,
    startedAt: goesOn ? earlier.startedAt : new Date().toISOString(),
    finishedAt: null,
    spec: { name, text },
    cells: plan.cells.map(({ slug }) => slug),
  }
  await writeRun(folder, record)
  return record
}

function readJobs(given: string | undefined): number {
  const jobs = wholeNumber('jobs', given ?? '', 1, 256)
  if (given === '') throw new ConfigurationError('Input jobs is empty. Allowed: a whole number.')
  return jobs ?? cellsAtOnce(availableParallelism(), freemem())
}

function print(text: string): void {
  process.stdout.write(text)
}
