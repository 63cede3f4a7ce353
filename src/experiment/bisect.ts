import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { answerOf } from '../bisect/answer.js'
import type { BisectRecord, Point, Question, Test } from '../bisect/record.js'
import { nextStep } from '../bisect/search.js'
import { searchOf } from '../bisect/state.js'
import { concludeInWords } from '../bisect/words.js'
import type { Host } from '../container/containers.js'
import { findEngine } from '../engine.js'
import { errorMessage } from '../errors.js'
import { actingInputs, readInputs, readInputTexts } from '../inputs/inputs.js'
import type { InputTexts, Inputs } from '../inputs/inputs.js'
import type { Logger } from '../log.js'
import { writeBisect } from '../matrix-files/bisect-record.js'
import { keepCell, writeCellError } from '../matrix-files/run-folder.js'
import type { Result } from '../result/schema.js'
import { extractRevision } from '../symbolizer-source/revision.js'
import { runInImages } from './cell.js'
import type { CellDeps } from './deps.js'
import { explainFailure } from './failure.js'
import { makeImages } from './images.js'
import { planCell } from './plan.js'
import { checkHarness } from './self-check.js'

export interface BisectRun {
  /** A new one, or one that was interrupted */
  readonly record: BisectRecord
  /** Absolute folder of the record and of each point's files */
  readonly folder: string
  readonly tell: (event: BisectEvent) => void
}

/** What a bisection tells as it happens. */
export type BisectEvent =
  | { readonly kind: 'testing'; readonly point: Point; readonly remaining: number }
  | { readonly kind: 'stage'; readonly what: string }
  | { readonly kind: 'tested'; readonly test: Test }

export interface BisectDeps extends CellDeps {
  /** Where relative paths in the inputs begin */
  readonly cwd: string
}

/**
 * Tests point after point until the search concludes. The record is written after each test, so that an interrupted
 * bisection goes on from there.
 * @throws ConfigurationError, CommandError, SelfCheckError for failures that are not one point's own, such as an engine
 *   that has gone; whatever aborted the signal
 */
export async function runBisect(run: BisectRun, deps: BisectDeps): Promise<BisectRecord> {
  let { record } = run
  const { inputs } = readTexts(record.question, {})
  const host = { engine: await findEngine(inputs.engine, deps.env), env: deps.env }
  await writeBisect(run.folder, record)
  if (inputs.selfCheck) await checkHarness({ ...inputs, folder: running(run) }, host, deps)
  for (;;) {
    const step = nextStep(searchOf(record))
    if (step.kind !== 'test') {
      const conclusion = concludeInWords(record.question, record.tests, step)
      record = { ...record, finishedAt: new Date().toISOString(), conclusion }
      await writeBisect(run.folder, record)
      return record
    }
    const point = record.question.points[step.point]
    if (point === undefined) throw new Error(`there is no point ${step.point}`)
    run.tell({ kind: 'testing', point, remaining: step.remaining })
    const test = await testPoint(run, point, host, { ...deps, log: quieten(deps.log, run.tell) })
    record = { ...record, tests: [...record.tests, test] }
    await writeBisect(run.folder, record)
    run.tell({ kind: 'tested', test })
  }
}

/** Where a point's files are until it is tested; what a killed run left there is of no use. */
function running({ folder }: Pick<BisectRun, 'folder'>): string {
  return join(folder, 'running')
}

/** One point, built and run. A failure of its own makes it untestable; a full disk or an engine that has gone is thrown. */
async function testPoint(
  run: BisectRun,
  point: Point,
  host: Host,
  deps: BisectDeps,
): Promise<Test> {
  const startedAt = Date.now()
  await rm(running(run), { recursive: true, force: true })
  try {
    const result = await runPoint(run, point, host, deps)
    const { outcome, headline } = result
    const answer = answerOf(result)
    return { point: point.id, answer, outcome, headline, tookMs: Date.now() - startedAt }
  } catch (thrown) {
    deps.signal.throwIfAborted()
    const explained = await explainFailure(thrown, host)
    if (explained !== thrown) throw explained
    await findEngine(host.engine.name, host.env)
    const headline = errorMessage(thrown)
    await writeCellError(run.folder, point.id, headline)
    const tookMs = Date.now() - startedAt
    return { point: point.id, answer: 'untestable', outcome: null, headline, tookMs }
  } finally {
    await rm(running(run), { recursive: true, force: true })
  }
}

async function runPoint(
  run: BisectRun,
  point: Point,
  host: Host,
  deps: BisectDeps,
): Promise<Result> {
  const { question } = run.record
  const source = await sourceOf(point, question, join(running(run), 'source'), deps)
  const { inputs, texts } = readTexts(question, { ...point.inputs, ...source })
  const place = { folder: running(run), cwd: deps.cwd }
  const plan = await planCell(inputs, actingInputs(texts), place, deps)
  const build = { ...plan, folder: join(run.folder, 'images', point.id) }
  const images = await makeImages(build, host, deps)
  const { material } = await runInImages(plan, images, host, deps)
  deps.signal.throwIfAborted()
  await keepCell(run.folder, point.id, plan.folder)
  return material.result
}

/** The input that names a commit's files, which are taken out of the repository for it. */
async function sourceOf(
  { revision }: Point,
  { repository }: Question,
  into: string,
  deps: BisectDeps,
): Promise<Record<string, string>> {
  if (revision === null || repository === null) return {}
  await extractRevision(repository, revision.commit, into, deps)
  return { symbolizer: into }
}

/** The inputs of a point: what is the same for all, and over it what is the point's own. */
function readTexts(
  question: Question,
  own: Readonly<Record<string, string>>,
): { readonly inputs: Inputs; readonly texts: InputTexts } {
  const read = (name: string): string => own[name] ?? question.inputs[name] ?? ''
  return { inputs: readInputs(read), texts: readInputTexts(read) }
}

/** A point's own steps would drown the answers: they are told, and of its log only details and warnings are kept. */
function quieten(log: Logger, tell: BisectRun['tell']): Logger {
  return {
    ...log,
    info: () => undefined,
    progress: (what) => tell({ kind: 'stage', what }),
    group: (_title, work) => work(),
    untrusted: () => undefined,
  }
}
