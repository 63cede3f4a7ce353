import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from '../container/containers.js'
import { conclude, decideOutcome } from '../diagnosis/outcome.js'
import { decideExperiment, needsNatural } from '../diagnosis/experiment.js'
import { ensureImage } from '../image/base.js'
import { buildImages, buildTools } from '../image/build.js'
import { toolchainRequest } from '../inputs/inputs.js'
import type { Inputs } from '../inputs/inputs.js'
import type { Logger } from '../log.js'
import type { ReportMaterial } from '../report/types.js'
import { assembleResult } from '../result/assemble.js'
import type { ProxyAnswer } from '../toolchain/go-proxy.js'
import { resolveToolchain } from '../toolchain/resolve.js'
import type { BuiltToolchain } from '../toolchain/types.js'
import { version } from '../version.js'
import type { Inspection } from '../inspect/schema.js'
import { writeFolder } from './folder.js'
import { findDisagreement, predict } from './inspection.js'
import { runNatural } from './natural.js'
import type { NaturalRun } from './natural.js'
import { mergeRuns } from './merge.js'
import type { RunPlan } from './plan.js'
import { sweepCell } from './sweep-cell.js'
import type { SweptCell } from './sweep-cell.js'

export interface CellDeps {
  /** Scrubbed environment, for every child */
  readonly env: Readonly<Record<string, string>>
  readonly log: Logger
  /** Print the build's output, or its last part, where the log folds it away */
  readonly showBuild?: boolean
  /** Aborts when the user or the runner cancels */
  readonly signal: AbortSignal
  /** Asks the module proxies; a matrix asks each question once for all its cells */
  readonly ask?: (path: string) => Promise<ProxyAnswer>
}

/**
 * Decides everything about a run before anything is started.
 * @param folder where results go; the run gets a folder of its own in it
 * @param cwd where relative paths in the inputs begin
 * @throws ConfigurationError for what can't be had
 */
export async function planCell(
  inputs: Inputs,
  asked: Readonly<Record<string, string>>,
  place: { readonly folder: string; readonly cwd: string },
  deps: CellDeps,
): Promise<RunPlan> {
  const id = randomBytes(5).toString('hex')
  return {
    id,
    subject:
      inputs.image === undefined
        ? {
            kind: 'build',
            toolchain: await resolveToolchain(toolchainRequest(inputs), {
              ...deps,
              cwd: place.cwd,
            }),
          }
        : { kind: 'image', image: inputs.image },
    command: inputs.command,
    runOptions: inputs.runOptions,
    experiment: inputs.experiment,
    sweepSignals: inputs.sweepSignals,
    sweepFunction: inputs.sweepFunction,
    sweepMap: inputs.sweepMap,
    durationMs: inputs.duration,
    stallTimeoutMs: inputs.stallTimeout,
    expect: inputs.expect,
    gdbCommands: inputs.gdbCommands,
    imageRegistry: inputs.imageRegistry,
    aptMirror: inputs.aptMirror,
    folder: join(place.folder, id),
    asked,
  }
}

/** What a finished cell leaves: the material of its reports, and the folder they were written to. */
export interface CellRecord {
  readonly material: ReportMaterial
  readonly folder: string
}

/**
 * One cell from image to files: builds, runs, watches, dumps, explains, records. Its containers are gone afterwards,
 * whatever happened.
 * @throws ConfigurationError, CommandError for failures of our own (build, engine); never for what the program did
 */
export async function runCell(plan: RunPlan, host: Host, deps: CellDeps): Promise<CellRecord> {
  return runInImages(plan, await makeImages(plan, host, deps), host, deps)
}

/** A cell whose images are there already. Errors as `runCell`. */
export async function runInImages(
  plan: RunPlan,
  images: CellImages,
  host: Host,
  deps: CellDeps,
): Promise<CellRecord> {
  await mkdir(plan.folder, { recursive: true })
  const startedAt = new Date()
  const setting = {
    ...plan,
    image: images.target,
    toolsImage: images.tools,
    toolchain: images.built,
  }
  const inspection = await predict(images.target, plan, host, deps)
  const swept =
    plan.experiment === 'natural'
      ? null
      : await deps.log.group('Sweep', () => sweepCell(host, setting, deps))
  const natural = needsNatural(plan.experiment, swept?.sweep ?? null)
    ? await deps.log.group('Run and watch', () => runNatural(host, setting, deps))
    : null
  const material = recordRun(plan, host, images, { startedAt, inspection, swept, natural })
  return { material: await writeFolder(plan.folder, material), folder: plan.folder }
}

/** The images that a cell runs in. */
export interface CellImages {
  readonly target: string
  readonly tools: string
  readonly built: BuiltToolchain | null
}

/** Builds, pulls or finds the images of a cell; the build's log goes to the cell's folder. Errors as `runCell`. */
export async function makeImages(plan: RunPlan, host: Host, deps: CellDeps): Promise<CellImages> {
  await mkdir(plan.folder, { recursive: true })
  const options = {
    engine: host.engine,
    env: host.env,
    log: deps.log,
    signal: deps.signal,
    workFolder: plan.folder,
    imageRegistry: plan.imageRegistry,
    aptMirror: plan.aptMirror,
    showOutput: deps.showBuild === true,
  }
  const { subject } = plan
  return deps.log.group('Build images', async () => {
    if (subject.kind === 'image') {
      const target = await ensureImage(subject.image, { ...options, folder: plan.folder })
      const { tools } = await buildTools(options)
      return { target, tools, built: null }
    }
    const images = await buildImages(subject.toolchain, options)
    return { target: images.reproducer, tools: images.tools, built: images.built }
  })
}

function recordRun(
  plan: RunPlan,
  host: Host,
  images: CellImages,
  parts: {
    readonly startedAt: Date
    readonly inspection: Inspection | null
    readonly swept: SweptCell | null
    readonly natural: NaturalRun | null
  },
): ReportMaterial {
  const { inspection, swept, natural } = parts
  const toolchain = images.built
  const symbolizer = toolchain === null ? null : toolchain.symbolizer !== null
  const decision = decideExperiment(
    swept?.sweep ?? null,
    natural === null ? null : decideOutcome({ ...natural, symbolizer }),
    { diagnosed: swept?.run.diagnosis ?? null },
  )
  const run = mergeRuns(decision.decidedBy, swept?.run ?? null, natural)
  const result = assembleResult({
    id: plan.id,
    version,
    startedAt: parts.startedAt,
    asked: plan.asked,
    engine: host.engine,
    image: images.target,
    toolchain,
    inspection,
    experiment: plan.experiment,
    decidedBy: decision.decidedBy,
    sweep: swept?.sweep ?? null,
    ending: run.ending,
    timeline: run.timeline,
    watched: run.watched,
    counts: run.counts,
    outcome: decision.outcome,
    expect: plan.expect,
    conclusion: conclude(decision.outcome, plan.expect, {
      class: run.diagnosis?.class ?? null,
      exitCode: natural?.ending.reason === 'exited' ? natural.ending.code : null,
    }),
    headline: decision.headline,
    diagnosis: run.diagnosis,
    evidence: [],
    warnings: [...run.warnings, ...findDisagreement(inspection, decision.outcome, run.diagnosis)],
  })
  return { result, texts: run.texts, process: run.process }
}
