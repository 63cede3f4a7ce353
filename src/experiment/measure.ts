import { mkdir } from 'node:fs/promises'
import type { Host } from '../container/containers.js'
import { conclude, decideOutcome } from '../diagnosis/outcome.js'
import { decideExperiment, needsNatural } from '../diagnosis/experiment.js'
import { judgeExposures } from '../exposure/exposure.js'
import type { ReportMaterial } from '../report/types.js'
import { assembleResult } from '../result/assemble.js'
import { decideMitigated } from '../diagnosis/mitigation.js'
import { mitigationWarnings } from '../mitigation/words.js'
import { judgeGuard, lookupOf, whyNoGuard } from '../mitigation/judge.js'
import type { Mitigation } from '../mitigation/schema.js'
import { version } from '../version.js'
import type { Inspection } from '../inspect/schema.js'
import type { CellDeps } from './deps.js'
import type { CellImages } from './images.js'
import { findDisagreement, predict } from './inspection.js'
import { makeGuard } from './guard.js'
import type { Guard } from './guard.js'
import { runNatural } from './natural.js'
import type { NaturalRun } from './natural.js'
import { mergeRuns } from './merge.js'
import type { RunPlan } from './plan.js'
import { sweepCell } from './sweep-cell.js'
import type { SweptCell } from './sweep-cell.js'
import { lookAtTraceback, NO_LOOK } from './traceback.js'
import type { TracebackLook } from './traceback.js'

/**
 * Sweeps, runs and explains a cell whose images are there. Its containers are gone afterwards.
 * @throws CommandError for failures of the engine; never for what the program did
 */
export async function measureCell(
  plan: RunPlan,
  images: CellImages,
  host: Host,
  deps: CellDeps,
): Promise<ReportMaterial> {
  await mkdir(plan.folder, { recursive: true })
  const startedAt = new Date()
  const inspection = await predict(images.target, plan, host, deps)
  const guard = plan.mitigation === 'guard' && whyNoGuard(inspection) === null ? makeGuard() : null
  const setting = {
    ...plan,
    image: images.target,
    toolsImage: images.tools,
    toolchain: images.built,
    guard,
  }
  const swept =
    plan.experiment === 'natural'
      ? null
      : await deps.log.group('Sweep', () => sweepCell(host, setting, deps))
  const natural = needsNatural(plan.experiment, swept?.sweep ?? null)
    ? await deps.log.group('Run and watch', () => runNatural(host, setting, deps))
    : null
  const look = deps.signal.aborted ? NO_LOOK : await lookAtTraceback(host, setting, deps)
  return recordRun(plan, host, images, { startedAt, inspection, guard, swept, natural, look })
}

function recordRun(
  plan: RunPlan,
  host: Host,
  images: CellImages,
  parts: {
    readonly startedAt: Date
    readonly inspection: Inspection | null
    readonly guard: Guard | null
    readonly swept: SweptCell | null
    readonly natural: NaturalRun | null
    readonly look: TracebackLook
  },
): ReportMaterial {
  const { inspection, swept, natural, look } = parts
  const toolchain = images.built
  const symbolizer = toolchain === null ? null : toolchain.symbolizer !== null
  const observed = natural === null ? null : decideOutcome({ ...natural, symbolizer })
  const mitigation = judgeMitigation(plan, images, parts)
  const found = decideExperiment(swept?.sweep ?? null, observed, {
    diagnosed: swept?.run.diagnosis ?? null,
  })
  const decision = decideMitigated(found, mitigation)
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
    mitigation,
    experiment: plan.experiment,
    decidedBy: decision.decidedBy,
    sweep: swept?.sweep ?? null,
    ending: run.ending,
    timeline: run.timeline,
    watched: run.watched,
    counts: run.counts,
    traceback: look.traceback,
    exposure: observed?.outcome === 'clean' ? judgeExposures(run.counts) : null,
    outcome: decision.outcome,
    expect: plan.expect,
    conclusion: conclude(decision.outcome, plan.expect, {
      class: run.diagnosis?.class ?? null,
      exitCode: natural?.ending.reason === 'exited' ? natural.ending.code : null,
    }),
    headline: decision.headline,
    diagnosis: run.diagnosis,
    evidence: [],
    warnings: [
      ...run.warnings,
      ...look.warnings,
      ...mitigationWarnings(mitigation),
      // What the files say holds for the program without a workaround.
      ...(mitigation?.state === 'in-force'
        ? []
        : findDisagreement(inspection, decision.outcome, run.diagnosis)),
    ],
  })
  return { result, texts: run.texts, process: run.process }
}

function judgeMitigation(
  plan: RunPlan,
  images: CellImages,
  parts: {
    readonly inspection: Inspection | null
    readonly guard: Guard | null
    readonly swept: SweptCell | null
    readonly natural: NaturalRun | null
  },
): Mitigation | null {
  if (plan.mitigation === 'none') return null
  return judgeGuard({
    refused: whyNoGuard(parts.inspection),
    sweep: parts.swept?.sweep ?? null,
    natural: parts.natural !== null,
    seen: parts.guard?.seen() ?? [],
    lookup: images.built?.unwinder.lookup ?? lookupOf(parts.inspection),
  })
}
