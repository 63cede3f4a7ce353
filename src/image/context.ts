import { createHash } from 'node:crypto'
import { cp, lstat, mkdir, readFile, readdir, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
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
    'native/gdb',
  ],
  reproducer: ['Dockerfile', 'native/image', 'native/reproducer'],
} as const

/** Where the Dockerfile finds a symbolizer that is a folder, and what the build calls it. */
const LOCAL_SYMBOLIZER = 'native/symbolizers/local'
export const LOCAL_SYMBOLIZER_IN_BUILD = '/symbolizers/local'

const SYMBOLIZER_LIMIT_BYTES = 256 * 1024 * 1024

/** A build context on disk and what its parts amount to. */
export interface Context {
  readonly folder: string
  /** sha256 of all that goes into each image from here */
  readonly digests: { readonly tools: string; readonly reproducer: string }
}

/**
 * Copies what the build needs to a folder of its own: the Dockerfile, the native sources and, if the symbolizer is a folder, that module.
 * @param symbolizer absolute folder of a Go module
 * @throws ConfigurationError when that module is too large to be one
 */
export async function makeContext(
  folder: string,
  symbolizer: string | undefined,
  log: Logger,
): Promise<Context> {
  const copied = new Set<string>([...SOURCES.tools, ...SOURCES.reproducer])
  for (const path of copied) {
    await cp(join(TOOL_FOLDER, path), join(folder, path), { recursive: true })
  }
  await mkdir(join(folder, LOCAL_SYMBOLIZER), { recursive: true })
  if (symbolizer !== undefined) {
    await copyModule(symbolizer, join(folder, LOCAL_SYMBOLIZER), log)
  }
  return {
    folder,
    digests: {
      tools: await digestPaths(folder, SOURCES.tools),
      reproducer: await digestPaths(folder, [...SOURCES.reproducer, LOCAL_SYMBOLIZER]),
    },
  }
}

/** Copies a module that others wrote. Links that lead out of it are left out: they would bring files of this machine into an image. */
export async function copyModule(from: string, to: string, log: Logger): Promise<void> {
  const root = await realpath(from)
  let bytes = 0
  await cp(root, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: async (source) => {
      const state = await lstat(source)
      if (state.isSymbolicLink()) return staysInside(source, root, log)
      if (state.isDirectory()) return relative(root, source) !== '.git'
      bytes += state.size
      if (bytes > SYMBOLIZER_LIMIT_BYTES) throw tooLarge(from)
      return state.isFile()
    },
  })
}

async function staysInside(link: string, root: string, log: Logger): Promise<boolean> {
  const end = await realpath(link).catch(() => undefined)
  if (end?.startsWith(root + sep) === true) return true
  log.warning(
    `symbolizer: ${relative(root, link)} is a link that leads out of the module; left out.`,
  )
  return false
}

function tooLarge(folder: string): ConfigurationError {
  return new ConfigurationError(
    `symbolizer: ${folder} holds more than ${SYMBOLIZER_LIMIT_BYTES / 1024 / 1024} MiB. Give the folder of the Go module alone.`,
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
