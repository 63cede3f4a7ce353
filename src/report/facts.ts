import type { Exposure } from '../exposure/schema.js'
import { atMost, percent } from '../exposure/words.js'
import { predictionText } from '../inspect/prediction.js'
import type { Inspection } from '../inspect/schema.js'
import { mitigationText } from '../mitigation/words.js'
import { unwinderText } from '../result/outputs.js'
import type { Result } from '../result/schema.js'
import type { Traceback } from '../traceback/schema.js'
import { ranByItself } from './sweep-decision.js'

/** One line of the table of versions. */
export interface VersionRow {
  readonly what: string
  /** As asked for; null where nothing was */
  readonly asked: string | null
  /** As built or found; null where it is not known */
  readonly built: string | null
}

/** One named number or sentence. */
export interface Fact {
  readonly name: string
  readonly value: string
}

/** Versions asked for against those that were really built, the run-time unwinder named. Rows without either are left out. */
export function versionRows(result: Result): VersionRow[] {
  const { asked, toolchain, inspection, mitigation } = result
  const symbolizer = toolchain?.symbolizer
  const rows: [what: string, input: string | null, built: string | null | undefined][] = [
    ['Go', 'go-version', toolchain?.go],
    ['glibc', 'glibc-version', toolchain?.glibc],
    ['gcc', 'gcc-version', toolchain?.gcc],
    ['Unwinder at run time', 'libgcc', toolchain && unwinderText(toolchain)],
    ['libstdc++', null, toolchain?.libstdcxx],
    ['Symbolizer', 'symbolizer', symbolizer && `${symbolizer.module} ${symbolizer.version}`],
    ['Base image', 'base-image', toolchain?.distribution],
    ['Image', 'image', result.image],
    ['Architecture', null, toolchain?.architecture],
    ['Kernel', null, toolchain?.kernel],
    ['Engine', 'engine', `${result.engine.name} ${result.engine.version}`],
    ['gdb', null, toolchain?.gdb],
    ...(mitigation === null
      ? []
      : [['Mitigation', 'mitigation', mitigationText(mitigation)] as [string, string, string]]),
    ['Predicted by files', null, inspection && predictedText(inspection, result)],
  ]
  return rows
    .map(([what, input, built]) => ({
      what,
      asked: (input === null ? undefined : asked[input]) || null,
      built: built || null,
    }))
    .filter((row) => row.asked !== null || row.built !== null)
}

/** Files say what the program does by itself, so a run with a workaround in force neither agrees nor disagrees. */
function predictedText(inspection: Inspection, result: Result): string {
  if (result.mitigation?.state === 'in-force')
    return `${inspection.verdict} without the ${result.mitigation.name}`
  const { outcome, diagnosis } = result
  return predictionText(inspection, { outcome, faultClass: diagnosis?.class ?? null })
}

/** A run with or without a sweep. */
type RunFacts = Pick<Result, 'counts' | 'ending'> &
  Partial<Pick<Result, 'experiment' | 'sweep' | 'exposure' | 'traceback'>>

/** What was counted while the program was swept or ran by itself. */
export function countFacts(result: RunFacts): Fact[] {
  const { throws, signals, unwinds, exposures, outputLines } = result.counts
  const { sinceMs } = result.ending
  const counted: [string, number | null][] = [
    ['Exceptions thrown', throws],
    ['Signals whose handler entered the traceback', signals],
    ['Tracebacks that came back', unwinds],
    ['Signals between a throw and its catch', exposures],
    ['Lines of output', outputLines],
  ]
  return [
    ...spentFacts(result),
    ...(sinceMs === null
      ? []
      : [{ name: 'Last progress, after the start', value: seconds(sinceMs) }]),
    ...counted.flatMap(([name, value]) =>
      value === null ? [] : [{ name, value: value.toLocaleString('en-US') }],
    ),
    ...exposureFacts(result.exposure ?? null),
    ...tracebackFacts(result.traceback ?? null),
  ]
}

/** What the symbolizer makes of plain C++ code. */
function tracebackFacts(traceback: Traceback | null): Fact[] {
  if (traceback === null || traceback.made === 0) return []
  const { made, frames, microseconds, samples, named, names } = traceback
  return [
    { name: 'Frames of C in a traceback', value: (frames / made).toFixed(1) },
    ...(microseconds === null
      ? []
      : [{ name: 'Time of a traceback', value: `${microseconds.toFixed(0)} µs` }]),
    {
      name: 'Profile samples that name C functions',
      value: `${named} of ${samples}${names.length === 0 ? '' : ` (${names.join(', ')})`}`,
    },
  ]
}

/** What a run without a fault proves. */
function exposureFacts(exposure: Exposure | null): Fact[] {
  if (exposure === null) return []
  const each = exposure.of === 'exposures' ? 'exposure' : 'signal'
  return [
    { name: `Chance of a hang per ${each}, 95 % below`, value: percent(exposure.upperBound) },
    { name: 'Hangs an hour at 100 Hz, 95 % below', value: atMost(exposure.hangsPerHour) },
    { name: 'Power against the rate of Debian 11', value: percent(exposure.power) },
  ]
}

function spentFacts({ ending, counts, experiment = 'natural', sweep = null }: RunFacts): Fact[] {
  const swept = sweep?.seconds ?? (ending.reason === 'swept' ? ending.atMs / 1000 : null)
  const watched = ending.reason !== 'swept' || ranByItself({ experiment, sweep })
  return [
    ...(swept === null ? [] : [{ name: 'Swept', value: `${swept.toFixed(1)} s` }]),
    ...(watched ? [{ name: 'Watched', value: `${counts.seconds.toFixed(1)} s` }] : []),
  ]
}

/** When and why the run ended; what a sweep came to is told elsewhere. */
export function endingText(result: Pick<Result, 'ending'>): string {
  const { reason, atMs, detail } = result.ending
  if (reason === 'swept') return `The sweep took ${seconds(atMs)}.`
  return `The run ended after ${seconds(atMs)}. ${detail}`
}

/** Milliseconds as seconds, `0.412 s` or `12.3 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 3 : 1)} s`
}
