import { basename } from 'node:path'
import type { Diagnosis } from '../diagnosis/schema.js'
import { readBuildId, withFile } from './build-id.js'
import type { CoreFile } from './core-file.js'

/** What stacks and locks are read with; another one of these makes all of it guesswork. */
const DECISIVE = /^(ld[-.]|ld-linux|ld-musl|libc[-.]|libpthread[-.])/

/**
 * Files of the core's program that are here but are not those that it ran with, by their build ids. Files without one, on
 * either side, are taken as they are.
 * @param place where a path of the core lies here
 */
export function findOtherFiles(
  { buildIds }: Pick<CoreFile, 'buildIds'>,
  place: (path: string) => string,
): string[] {
  return [...buildIds]
    .filter(([path, id]) => {
      const here = withFile(place(path), readBuildId)
      return here !== null && here !== id
    })
    .map(([path]) => path)
}

/** Whether a dump read with these in place of the real ones can be trusted at all. */
export function isDecisive(path: string, executable: string | null): boolean {
  return path === executable || DECISIVE.test(basename(path))
}

/** What a core was read without, or with another file in its place. */
export interface Doubts {
  /** The build ids differ */
  readonly others: readonly string[]
  /** Not here at all */
  readonly missing: readonly string[]
}

/**
 * A diagnosis that was made without the files that the program ran with: gdb then takes frames and names from the wrong
 * places, or has none. What looked well may hang; what looked like a fault is a hint at most.
 */
export function doubtDiagnosis(diagnosis: Diagnosis, { others, missing }: Doubts): Diagnosis {
  if (others.length + missing.length === 0) return diagnosis
  const unread = [
    ...diagnosis.unread,
    ...others.map(
      (path) => `${path}: the build ids differ, so this is not what the program ran with`,
    ),
    ...missing.map(
      (path) => `${path}: not here, so gdb could not read the stacks that lead through it`,
    ),
  ]
  const raise =
    'Give the files of the machine that the core comes from, with --sysroot, --image or --exe.'
  const doubted = { ...diagnosis, confidence: 'weak' as const, raise, unread }
  if (diagnosis.failure !== 'none') return doubted
  const { class: seen, headline } = diagnosis
  const files = [...others, ...missing]
  const shown = files.slice(0, 3).join(', ') + (files.length > 3 ? '…' : '')
  return {
    ...doubted,
    class: 'unknown',
    failure: 'unknown',
    headline: `The core can't be explained without the files that the program ran with: ${shown} ${files.length === 1 ? 'is' : 'are'} missing here or another build.`,
    story: [],
    culprits: [],
    victims: [],
    lock: null,
    graph: { nodes: [], edges: [] },
    advice: [],
    also: [{ class: seen, confidence: 'weak', headline }],
  }
}
