import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Host, ImageEntry } from '../container/containers.js'
import { ConfigurationError } from '../errors.js'
import { entryCandidates, libraryPathOf } from './entry.js'
import { findPrograms, isProgramFile, isWholeRoot } from './folder.js'
import { inspectProgram } from './program.js'
import { folderRoot, withImage } from './roots.js'
import type { Found, Root } from './roots.js'
import type { Inspection, InspectionReport, Verdict } from './schema.js'

export interface InspectDeps {
  /** Finds the engine, which only an image needs */
  readonly findHost: () => Promise<Host>
  readonly signal: AbortSignal
}

export interface InspectPlan {
  /** A program, a folder or an image */
  readonly target: string
  /** The program inside an image; undefined: what the image starts */
  readonly program: string | undefined
  /** Folder with the files of the machine that a program will run on; undefined: not at hand */
  readonly sysroot: string | undefined
}

/**
 * Looks into a program, all programs of a folder, or the program of an image. Nothing of them runs.
 * @throws ConfigurationError when there is nothing to look into; CommandError when the engine fails
 */
export async function inspectTarget(
  plan: InspectPlan,
  deps: InspectDeps,
): Promise<InspectionReport> {
  const startedAt = performance.now()
  const { kind, programs } = await lookInto(plan, deps)
  return {
    schemaVersion: 1,
    target: plan.target,
    kind,
    verdict: worstOf(programs),
    programs,
    milliseconds: Math.round(performance.now() - startedAt),
  }
}

type Looked = Pick<InspectionReport, 'kind' | 'programs'>

async function lookInto(plan: InspectPlan, deps: InspectDeps): Promise<Looked> {
  const { target, program, sysroot } = plan
  const found = await stat(target).catch(() => null)
  if (found === null) {
    refuse('sysroot', sysroot, 'an image brings its own files')
    const host = await deps.findHost()
    const inspection = await inspectImage({ image: target, program }, host, deps.signal)
    return { kind: 'image', programs: [inspection] }
  }
  refuse('program', program, `${target} is no image; give the program itself`)
  if (found.isDirectory()) return { kind: 'folder', programs: await inspectFolder(target, sysroot) }
  return { kind: 'binary', programs: [await inspectFile(target, sysroot)] }
}

function refuse(flag: string, value: string | undefined, why: string): void {
  if (value !== undefined) throw new ConfigurationError(`--${flag} is ${value}, but ${why}.`)
}

/** Which program of an image is meant. */
export interface ImageProgram {
  readonly image: string
  /** Its path inside the image; undefined: what the image starts */
  readonly program?: string | undefined
  /** Words that replace the image's own command; none: they do not */
  readonly command?: readonly string[]
}

/**
 * Looks into a program of an image.
 * @throws ConfigurationError when the image or the program is not there; CommandError when the engine fails
 */
export async function inspectImage(
  wanted: ImageProgram,
  host: Host,
  signal: AbortSignal,
): Promise<Inspection> {
  const { image, command = [] } = wanted
  return withImage(image, host, signal, async ({ root, entry }) => {
    const started = command.length === 0 ? entry : { ...entry, command: [...command] }
    const found = await findEntry(wanted, root, started)
    return inspectProgram(found, { root, complete: true, libraryPath: libraryPathOf(entry) })
  })
}

async function findEntry(
  { image, program }: ImageProgram,
  root: Root,
  entry: ImageEntry,
): Promise<Found> {
  const words = [...entry.entrypoint, ...entry.command].join(' ')
  const candidates = program === undefined ? entryCandidates(entry) : [resolve('/', program)]
  for (const path of candidates) {
    const found = await root.find(path)
    if (found === null) continue
    if (isProgramFile(found.file)) return found
    throw new ConfigurationError(
      `${path} in ${image} is no ELF program but perhaps a script. Name the program that it starts: --program PATH`,
    )
  }
  throw new ConfigurationError(
    program === undefined
      ? `Which program ${image} runs can't be told: it starts ${JSON.stringify(words)}. Name it: --program PATH`
      : `--program is ${program}, which ${image} does not have. Give the path inside the image.`,
  )
}

async function inspectFile(file: string, sysroot: string | undefined): Promise<Inspection> {
  const path = await realpath(file)
  if (!isProgramFile(path))
    throw new ConfigurationError(
      `${file} can't be read or is no ELF program. Give a program for Linux, a folder with such, or an image.`,
    )
  const root = folderRoot(sysroot ?? '/')
  return inspectProgram(
    { path, file: path },
    { root, complete: sysroot !== undefined, libraryPath: [] },
  )
}

async function inspectFolder(folder: string, sysroot: string | undefined): Promise<Inspection[]> {
  const path = await realpath(folder)
  const whole = sysroot === undefined && (await isWholeRoot(path))
  const inspections: Inspection[] = []
  for (const below of await findPrograms(path)) {
    const file = `${path}${below}`
    inspections.push(
      await inspectProgram(
        { path: whole ? below : file, file },
        {
          root: folderRoot(whole ? path : (sysroot ?? '/')),
          complete: whole || sysroot !== undefined,
          libraryPath: [],
        },
      ),
    )
  }
  if (inspections.length === 0)
    throw new ConfigurationError(
      `There is no ELF program below ${folder}. Give a program for Linux, a folder with such, or an image.`,
    )
  return inspections
}

function worstOf(programs: readonly Inspection[]): Verdict {
  const has = (verdict: Verdict): boolean => programs.some((each) => each.verdict === verdict)
  if (has('vulnerable')) return 'vulnerable'
  return has('unknown') ? 'unknown' : 'safe'
}
