import type { Culprit } from '../diagnosis/schema.js'
import type { Result, Toolchain } from './schema.js'

/** Names of the action's outputs, as action.yml declares them. */
export const OUTPUT_NAMES = [
  'outcome',
  'conclusion',
  'comparison',
  'class',
  'headline',
  'culprit',
  'unwinder',
  'result-path',
  'report-path',
  'artifact-id',
  'artifact-url',
] as const

export type OutputName = (typeof OUTPUT_NAMES)[number]

/** Where the files of a run are. */
export interface ResultPaths {
  readonly result: string
  readonly report: string
  /** Null when nothing was uploaded */
  readonly artifact: { readonly id: number; readonly url: string } | null
}

/** The sentence that stands over a run: of what was compared, or else of what was found. */
export function headlineOf({
  headline,
  comparison,
}: Pick<Result, 'headline'> & Partial<Pick<Result, 'comparison'>>): string {
  return comparison?.headline ?? headline
}

/** All outputs of a run; an empty string where there is nothing to say. */
export function outputsOf(result: Result, paths: ResultPaths): Record<OutputName, string> {
  const [culprit] = result.diagnosis?.culprits ?? []
  return {
    outcome: result.outcome,
    conclusion: result.conclusion,
    comparison: result.comparison?.verdict ?? '',
    class: result.diagnosis?.class ?? '',
    headline: headlineOf(result),
    culprit: culprit === undefined ? '' : culpritText(culprit),
    unwinder: result.toolchain === null ? '' : unwinderText(result.toolchain),
    'result-path': paths.result,
    'report-path': paths.report,
    'artifact-id': paths.artifact === null ? '' : String(paths.artifact.id),
    'artifact-url': paths.artifact?.url ?? '',
  }
}

/**
 * A thread in words, as far as it is known.
 * @example threadText(victim) → 'thread 4 (LWP 9, "worker")'
 */
export function threadText(thread: Pick<Culprit, 'thread' | 'lwp' | 'name'>): string {
  const details = [
    thread.lwp === null ? undefined : `LWP ${thread.lwp}`,
    thread.name === null ? undefined : `"${thread.name}"`,
  ].filter((detail) => detail !== undefined)
  const number = thread.thread === null ? 'thread' : `thread ${thread.thread}`
  return details.length === 0 ? number : `${number} (${details.join(', ')})`
}

/**
 * A culprit in words with the signal whose handler runs on its stack.
 * @example culpritText(culprit) → 'thread 5 (LWP 12, "reproducer"), SIGPROF'
 */
export function culpritText(culprit: Culprit): string {
  const thread = threadText(culprit)
  return culprit.signal === null ? thread : `${thread}, ${culprit.signal.name}`
}

/**
 * The unwinder that really ran, in words; empty when nothing is known of it.
 * @example unwinderText(toolchain) → 'shared libgcc 10.2.1-6 (dl_iterate_phdr)'
 */
export function unwinderText(toolchain: Toolchain): string {
  const { linkage, version, lookup } = toolchain.unwinder
  if (linkage === 'unknown' && version === null && lookup === 'unknown') return ''
  const words = [linkage === 'unknown' ? undefined : linkage, 'libgcc', version ?? undefined]
  const name = words.filter((word) => word !== undefined).join(' ')
  return lookup === 'unknown' ? name : `${name} (${lookup})`
}
