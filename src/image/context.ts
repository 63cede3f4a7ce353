import { createHash } from 'node:crypto'
import { cp, lstat, mkdir, readFile, readdir, realpath } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { ConfigurationError } from '../errors.js'
import type { Logger } from '../log.js'
import { TOOL_FOLDER } from '../toolchain/symbolizer.js'

/** What each image is made from, below the tool's folder. */
const SOURCES = {
  tools: [
    'Dockerfile',
    'native/image',
    'native/progress',
    'native/gate',
    'native/sweep',
    'native/guard',
    'native/gdb',
  ],
  reproducer: ['Dockerfile', 'native/image', 'native/reproducer'],
} as const

/** Where the Dockerfile finds a symbolizer that is a folder, and what the build calls it. */
const LOCAL_SYMBOLIZER = 'native/symbolizers/local'
export const LOCAL_SYMBOLIZER_IN_BUILD = '/symbolizers/local'

/** Where the Dockerfile finds a program of the user's own. */
export const OWN_PROGRAM = 'program'

/** Never part of a module: repositories, which may hold tokens, and our own results, which change with each run. */
const LEFT_OUT = new Set(['.git', 'cgo-deadlock-results'])

const MODULE_LIMIT_BYTES = 256 * 1024 * 1024

/** Absolute folders of Go modules that others wrote. */
export interface Modules {
  readonly symbolizer?: string | undefined
  readonly program?: string | undefined
}

/** A build context on disk and what its parts amount to. */
export interface Context {
  readonly folder: string
  /** sha256 of all that goes into each image from here */
  readonly digests: { readonly tools: string; readonly reproducer: string }
}

/**
 * Copies what the build needs to a folder of its own: the Dockerfile, the native sources, and the modules given.
 * @throws ConfigurationError when one of those is too large to be a module
 */
export async function makeContext(folder: string, modules: Modules, log: Logger): Promise<Context> {
  const copied = new Set<string>([...SOURCES.tools, ...SOURCES.reproducer])
  for (const path of copied) {
    await cp(join(TOOL_FOLDER, path), join(folder, path), { recursive: true })
  }
  await mkdir(join(folder, LOCAL_SYMBOLIZER), { recursive: true })
  if (modules.symbolizer !== undefined) {
    const copy = { input: 'symbolizer', from: modules.symbolizer }
    await copyModule({ ...copy, to: join(folder, LOCAL_SYMBOLIZER) }, log)
  }
  if (modules.program !== undefined) {
    const copy = { input: 'program', from: modules.program }
    await copyModule({ ...copy, to: join(folder, OWN_PROGRAM) }, log)
  }
  const own = modules.program === undefined ? [] : [OWN_PROGRAM]
  return {
    folder,
    digests: {
      tools: await digestPaths(folder, SOURCES.tools),
      reproducer: await digestPaths(folder, [...SOURCES.reproducer, LOCAL_SYMBOLIZER, ...own]),
    },
  }
}

/** A module that others wrote, and the input that names it. */
export interface ModuleCopy {
  readonly input: string
  readonly from: string
  readonly to: string
}

/** Copies a module. Links that lead out of it are left out: they would bring files of this machine into an image. */
export async function copyModule({ input, from, to }: ModuleCopy, log: Logger): Promise<void> {
  const root = await realpath(from)
  const sizes = new Map<string, number>()
  let bytes = 0
  await cp(root, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: async (source) => {
      const path = relative(root, source)
      if (LEFT_OUT.has(basename(path))) return false
      const state = await lstat(source)
      if (state.isSymbolicLink()) return staysInside(input, source, root, log)
      if (state.isDirectory()) return true
      const [top = ''] = path.split(sep)
      sizes.set(top, (sizes.get(top) ?? 0) + state.size)
      bytes += state.size
      if (bytes > MODULE_LIMIT_BYTES) throw tooLarge(input, from, sizes)
      return state.isFile()
    },
  })
}

async function staysInside(
  input: string,
  link: string,
  root: string,
  log: Logger,
): Promise<boolean> {
  const end = await realpath(link).catch(() => undefined)
  if (end?.startsWith(root + sep) === true) return true
  log.warning(`${input}: ${relative(root, link)} is a link that leads out of the module; left out.`)
  return false
}

function tooLarge(
  input: string,
  folder: string,
  sizes: ReadonlyMap<string, number>,
): ConfigurationError {
  const [largest] = [...sizes].toSorted(([, one], [, other]) => other - one)
  return new ConfigurationError(
    `${input}: ${folder} holds more than ${MODULE_LIMIT_BYTES / 1024 / 1024} MiB, most of it in ${largest?.[0] ?? ''}. ` +
      'Give the folder of a Go module that holds its source alone.',
  )
}

/** sha256 over names, run bits and contents, in the order of the names. */
export async function digestPaths(folder: string, paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of [...paths].sort()) await addToDigest(hash, folder, path)
  return hash.digest('hex')
}

async function addToDigest(
  hash: ReturnType<typeof createHash>,
  folder: string,
  path: string,
): Promise<void> {
  const file = join(folder, path)
  const state = await lstat(file)
  if (state.isDirectory()) {
    for (const name of (await readdir(file)).sort())
      await addToDigest(hash, folder, join(path, name))
    return
  }
  const content = state.isSymbolicLink() ? await realpath(file) : await readFile(file)
  hash.update(`${path}\0${state.mode & 0o111}\0${content.length}\0`).update(content)
}
