import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { lstat, mkdtemp, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { readEntry } from '../container/containers.js'
import type { Host, ImageEntry } from '../container/containers.js'
import { withCreated } from '../container/created.js'
import { runCommand } from '../exec.js'
import type { Bytes } from './bytes.js'

/** A file inside a root. */
export interface Found {
  /** Its real path inside the root, all links followed */
  readonly path: string
  /** Where this machine has it */
  readonly file: string
}

/** The files of the machine, image or folder that a program will run in. Links lead nowhere outside it. */
export interface Root {
  find(path: string): Promise<Found | null>
}

const LINKS_MAX = 40

/** A folder of this machine as a root; `/` is the machine itself. */
export function folderRoot(folder: string): Root {
  return {
    find: async (path) => {
      const real = await followInside(folder, path)
      if (real === null) return null
      const file = join(folder, real)
      const found = await stat(file).catch(() => null)
      return found?.isFile() === true ? { path: real, file } : null
    },
  }
}

/** Follows links part by part, as the kernel does for a process whose root is `folder`. */
async function followInside(folder: string, path: string): Promise<string | null> {
  let done = '/'
  let left = path.split('/')
  for (let links = 0; left.length > 0;) {
    const [part = '', ...rest] = left
    left = rest
    const next = posix.join(done, part)
    if (part === '' || part === '.' || part === '..') {
      done = next
      continue
    }
    const link = await readLink(join(folder, next))
    if (link === undefined) return null
    if (link === null) {
      done = next
      continue
    }
    links += 1
    if (links > LINKS_MAX) return null
    if (link.startsWith('/')) done = '/'
    left = [...link.split('/'), ...left]
  }
  return done
}

/** Where a link leads; null for what is none, undefined for what is not there. */
async function readLink(path: string): Promise<string | null | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return undefined
  return found.isSymbolicLink() ? readlink(path) : null
}

const COPY_MS = 120_000

/** What an image starts, and its files for as long as `work` takes. */
export interface ImageFiles {
  readonly root: Root
  readonly entry: ImageEntry
}

/**
 * Looks into an image: copies single files out of a container that is never started, and leaves nothing behind.
 * @throws ConfigurationError when there is no such image; CommandError when the engine fails
 */
export async function withImage<T>(
  image: string,
  host: Host,
  signal: AbortSignal,
  work: (files: ImageFiles) => Promise<T>,
): Promise<T> {
  return withCreated(image, host, async (container) => {
    const entry = await readEntry(host, image)
    const folder = await mkdtemp(join(tmpdir(), 'cgo-deadlock-files-'))
    try {
      const root = containerRoot(container, folder, host, signal)
      return await work({ root, entry })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}

/** `cp` follows links in folders by itself, inside the container; a link at the end comes as a link. */
function containerRoot(container: string, folder: string, host: Host, signal: AbortSignal): Root {
  const copies = new Map<string, Promise<Found | null>>()
  const copy = async (path: string, links: number): Promise<Found | null> => {
    const file = join(await mkdtemp(join(folder, 'copy-')), 'file')
    const source = `${container}:${path}`
    const options = { env: host.env, signal, deadlineMs: COPY_MS, allowFailure: true }
    const { exitCode } = await runCommand(host.engine.command, ['cp', source, file], options)
    signal.throwIfAborted()
    const found = exitCode === 0 ? await lstat(file).catch(() => null) : null
    if (found?.isFile() === true) return { path, file }
    if (found?.isSymbolicLink() !== true || links >= LINKS_MAX) return null
    return copy(posix.resolve(dirname(path), await readlink(file)), links + 1)
  }
  return {
    find: (path) => {
      const known = copies.get(path)
      if (known !== undefined) return known
      const copied = copy(path, 0)
      copies.set(path, copied)
      return copied
    },
  }
}

/**
 * Opens a file for reading here and there.
 * @throws Error with the system's code (ENOENT, EACCES…)
 */
export function withBytes<T>(file: string, work: (bytes: Bytes) => T): T {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    return work({
      size,
      read: (offset, length) => {
        const end = Math.min(size, offset + length)
        if (!(offset >= 0 && offset < end)) return Buffer.alloc(0)
        const buffer = Buffer.allocUnsafe(end - offset)
        const read = readSync(descriptor, buffer, 0, buffer.length, offset)
        return buffer.subarray(0, read)
      },
    })
  } finally {
    closeSync(descriptor)
  }
}
