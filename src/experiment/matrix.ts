import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { Host } from '../container/containers.js'
import { findEngine } from '../engine.js'
import { errorMessage } from '../errors.js'
import { actingInputs, readInputs, readInputTexts } from '../inputs/inputs.js'
import type { Inputs } from '../inputs/inputs.js'
import type { Logger } from '../log.js'
import { cellFolder, keepCell, writeCellError } from '../matrix-files/run-folder.js'
import type { Cell } from '../matrix/cells.js'
import { readResult } from '../matrix/read-results.js'
import { groupBy } from '../report/group-by.js'
import type { Outcome, Result } from '../result/schema.js'
import { askGoProxy } from '../toolchain/go-proxy.js'
import type { ProxyAnswer } from '../toolchain/go-proxy.js'
import { version } from '../version.js'
import { runInImages } from './cell.js'
import type { CellDeps } from './deps.js'
import { makeImages } from './images.js'
import type { CellImages } from './images.js'
import { planCell } from './plan.js'
import type { RunPlan } from './plan.js'

/** What a matrix tells as it happens. */
export type MatrixEvent =
  | { readonly kind: 'building' | 'started'; readonly cell: Cell }
  | { readonly kind: 'stage'; readonly what: string }
  | {
      readonly kind: 'finished'
      readonly cell: Cell
      readonly outcome: Outcome
      readonly tookMs: number
      /** An earlier part of the same run had it already */
      readonly kept: boolean
    }
  | { readonly kind: 'failed'; readonly cell: Cell; readonly reason: string }

export interface MatrixRun {
  readonly cells: readonly Cell[]
  /** Absolute folder of the results */
  readonly folder: string
  /** When this run, or the interrupted one that it goes on with, began: older results do not count */
  readonly since: Date
  /** How many cells run side by side */
  readonly atOnce: number
  readonly tell: (event: MatrixEvent) => void
}

export interface MatrixDeps {
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * Runs all cells on this machine: each distinct image is built once, one after the other, and as soon as it is there
 * its cells run, so many side by side. What fails is told and left beside the results, and the others go on.
 * @throws whatever aborted the signal
 */
export async function runMatrix(run: MatrixRun, deps: MatrixDeps): Promise<void> {
  const building = pLimit(1)
  const running = pLimit(run.atOnce)
  const matrix: Matrix = { run, deps, ask: askOnce(deps), hosts: new Map(), warned: new Set() }
  await rm(unfinished(run), { recursive: true, force: true })
  await mkdir(unfinished(run), { recursive: true })
  await Promise.all(
    [...groupBy(run.cells, ({ group }) => group).values()].map(async (cells) => {
      const images = await building(() => prepareGroup(matrix, cells))
      if (images === null) return
      await Promise.all(cells.map((cell) => running(() => runOne(matrix, cell, images))))
    }),
  )
  await rm(unfinished(run), { recursive: true, force: true })
  deps.signal.throwIfAborted()
}

/** Where a cell's files are until it is finished; what a killed run left there is of no use. */
function unfinished({ folder }: MatrixRun): string {
  return join(folder, 'running')
}

interface Matrix {
  readonly run: MatrixRun
  readonly deps: MatrixDeps
  readonly ask: CellDeps['ask']
  readonly hosts: Map<string, Promise<Host>>
  readonly warned: Set<string>
}

/** The images of a group; null when they can't be had, which is then told of each of its cells. */
async function prepareGroup(matrix: Matrix, cells: readonly Cell[]): Promise<CellImages | null> {
  const [first] = cells
  const { run, deps } = matrix
  if (first === undefined || deps.signal.aborted) return null
  run.tell({ kind: 'building', cell: first })
  try {
    const { plan, host } = await prepare(matrix, first)
    const folder = join(run.folder, 'images', first.group)
    return await makeImages({ ...plan, folder }, host, cellDeps(matrix))
  } catch (error) {
    for (const cell of cells) await fail(matrix, cell, error)
    return null
  }
}

async function runOne(matrix: Matrix, cell: Cell, images: CellImages): Promise<void> {
  const { run, deps } = matrix
  if (deps.signal.aborted) return
  try {
    const { plan, host } = await prepare(matrix, cell)
    const kept = await keptResult(run, cell, plan, images)
    if (kept !== null) {
      run.tell({ kind: 'finished', cell, outcome: kept.outcome, tookMs: 0, kept: true })
      return
    }
    run.tell({ kind: 'started', cell })
    const startedAt = Date.now()
    const { material } = await runInImages(plan, images, host, cellDeps(matrix))
    const { outcome } = material.result
    if (outcome === 'cancelled') return
    await keepCell(run.folder, cell.slug, plan.folder)
    run.tell({ kind: 'finished', cell, outcome, tookMs: Date.now() - startedAt, kept: false })
  } catch (error) {
    await fail(matrix, cell, error)
  }
}

async function fail({ run, deps }: Matrix, cell: Cell, error: unknown): Promise<void> {
  if (deps.signal.aborted) return
  const reason = errorMessage(error)
  await writeCellError(run.folder, cell.slug, reason)
  run.tell({ kind: 'failed', cell, reason })
}

/** Everything about a cell before its image: what is to be run, and on which engine. */
async function prepare(matrix: Matrix, cell: Cell): Promise<{ plan: RunPlan; host: Host }> {
  const { run, deps } = matrix
  const read = (name: string): string => cell.inputs[name] ?? ''
  const inputs = readInputs(read)
  const place = { folder: unfinished(run), cwd: deps.cwd }
  const plan = await planCell(inputs, actingInputs(readInputTexts(read)), place, cellDeps(matrix))
  return { plan, host: await hostFor(matrix, inputs.engine) }
}

function hostFor({ hosts, deps }: Matrix, engine: Inputs['engine']): Promise<Host> {
  const known = hosts.get(engine ?? '')
  if (known !== undefined) return known
  const made = findEngine(engine, deps.env).then((found) => ({ engine: found, env: deps.env }))
  hosts.set(engine ?? '', made)
  return made
}

/**
 * The result that an interrupted part of this run left, if the cell would be the same again: the same inputs, and an
 * image whose name is the digest of all that it is made of.
 */
async function keptResult(
  run: MatrixRun,
  cell: Cell,
  plan: RunPlan,
  images: CellImages,
): Promise<Result | null> {
  const file = join(cellFolder(run.folder, cell.slug), 'result.json')
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  const read = readResult({ where: cell.slug, content: { text } })
  if (read.kind !== 'result') return null
  const { result } = read
  const same =
    new Date(result.startedAt) >= run.since &&
    result.image === images.target &&
    result.tool.version === version &&
    JSON.stringify(sorted(result.asked)) === JSON.stringify(sorted(plan.asked))
  return same ? result : null
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** Each question to the module proxies is asked once for all cells. */
function askOnce({ env, signal }: MatrixDeps): (path: string) => Promise<ProxyAnswer> {
  const answers = new Map<string, Promise<ProxyAnswer>>()
  return (path) => {
    const known = answers.get(path)
    if (known !== undefined) return known
    const answer = askGoProxy(path, env, signal)
    answers.set(path, answer)
    return answer
  }
}

/** A cell's own steps would drown the others': of its log only details and warnings are kept, each of these once. */
function cellDeps({ run, deps, ask, warned }: Matrix): CellDeps {
  const { env, signal, log } = deps
  const quiet: Logger = {
    debug: (message) => log.debug(message),
    warning: (message) => {
      if (!warned.has(message)) log.warning(message)
      warned.add(message)
    },
    error: (message) => log.error(message),
    info: () => undefined,
    progress: (what) => run.tell({ kind: 'stage', what }),
    group: (_title, work) => work(),
    untrusted: () => undefined,
  }
  return { env, signal, log: quiet, ...(ask === undefined ? {} : { ask }) }
}
