import { posix } from 'node:path'
import { textAt } from './bytes.js'
import { interpreterOf, readElf, readLinkage } from './elf.js'
import type { Elf, Linkage } from './elf.js'
import { withBytes } from './roots.js'
import type { Found, Root } from './roots.js'

/** A program or a library as ld.so would load it. */
export interface LoadedObject extends Found {
  readonly linkage: Linkage
  /** What asked for it; null for the program */
  readonly wantedBy: LoadedObject | null
}

export interface Loaded {
  /** The program first, then its libraries in ld.so's order: breadth first */
  readonly objects: readonly LoadedObject[]
  /** Libraries that were not found */
  readonly missing: readonly string[]
}

export interface LoaderOptions {
  readonly root: Root
  /** Whether the root is the machine that the program will run on: then its default folders count */
  readonly complete: boolean
  /** LD_LIBRARY_PATH's folders */
  readonly libraryPath: readonly string[]
}

const OBJECTS_MAX = 1000

/** Finds the program's libraries and theirs. What dlopen brings later is not among them. */
export async function loadObjects(program: Found, options: LoaderOptions): Promise<Loaded> {
  const outline = outlineOf(program.file)
  const objects: LoadedObject[] = [{ ...program, linkage: outline.linkage, wantedBy: null }]
  const system = options.complete
    ? { cache: await readCache(options.root), folders: defaultFolders(outline) }
    : { cache: new Map<string, string[]>(), folders: [] }
  const seen = new Set<string>()
  const missing: string[] = []
  for (let at = 0; at < objects.length && objects.length < OBJECTS_MAX; at += 1) {
    const wantedBy = objects[at]
    if (wantedBy === undefined) break
    for (const name of wantedBy.linkage.needed) {
      if (seen.has(name)) continue
      seen.add(name)
      const found = await findLibrary(name, wantedBy, outline, { ...options, ...system })
      if (found === null) missing.push(name)
      else if (!objects.some(({ path }) => path === found.path))
        objects.push({ ...found, wantedBy })
    }
  }
  return { objects, missing }
}

type Outline = Pick<Elf, 'machine' | 'wordBytes'> & {
  readonly linkage: Linkage
  readonly interpreter: string | null
}

const NO_OUTLINE: Outline = {
  ...{ machine: 0, wordBytes: 8, interpreter: null },
  linkage: { needed: [], soname: null, rpath: [], runpath: [] },
}

function outlineOf(file: string): Outline {
  return withBytes(file, (bytes) => {
    const elf = readElf(bytes)
    if (elf === null) return NO_OUTLINE
    const { machine, wordBytes } = elf
    return { machine, wordBytes, linkage: readLinkage(elf), interpreter: interpreterOf(elf) }
  })
}

interface Search extends LoaderOptions {
  readonly cache: ReadonlyMap<string, readonly string[]>
  readonly folders: readonly string[]
}

/**
 * ld.so's order (ld.so(8)): DT_RPATH of the object and of those that it was loaded for, unless it has a DT_RUNPATH;
 * LD_LIBRARY_PATH; DT_RUNPATH; /etc/ld.so.cache, which ldconfig made from ld.so.conf; the default folders.
 */
async function findLibrary(
  name: string,
  wantedBy: LoadedObject,
  program: Outline,
  search: Search,
): Promise<(Found & Pick<LoadedObject, 'linkage'>) | null> {
  const within = (folders: readonly string[]): string[] =>
    folders.map((folder) => posix.join(folder, name))
  const candidates = name.includes('/')
    ? [name]
    : [
        ...within(rpathOf(wantedBy)),
        ...within(search.libraryPath),
        ...within(wantedBy.linkage.runpath.map((path) => fillIn(path, wantedBy))),
        ...(search.cache.get(name) ?? []),
        ...within(search.folders),
      ]
  for (const path of candidates) {
    const found = await search.root.find(path)
    if (found === null) continue
    const { machine, wordBytes, linkage } = outlineOf(found.file)
    if (machine === program.machine && wordBytes === program.wordBytes) return { ...found, linkage }
  }
  return null
}

function rpathOf(object: LoadedObject): string[] {
  const own = object.linkage.runpath.length > 0 ? [] : object.linkage.rpath
  return [
    ...own.map((path) => fillIn(path, object)),
    ...(object.wantedBy === null ? [] : rpathOf(object.wantedBy)),
  ]
}

function fillIn(path: string, object: LoadedObject): string {
  return path.replace(/\$ORIGIN\b|\$\{ORIGIN\}/g, posix.dirname(object.path))
}

/** ELF machine → Debian's name for its folders, where that is another than the kernel's. */
const MULTIARCH: Readonly<Record<number, string>> = {
  3: 'i386-linux-gnu',
  21: 'powerpc64le-linux-gnu',
  22: 's390x-linux-gnu',
  40: 'arm-linux-gnueabihf',
  62: 'x86_64-linux-gnu',
  183: 'aarch64-linux-gnu',
  243: 'riscv64-linux-gnu',
  258: 'loongarch64-linux-gnu',
}

/** Compiled into ld.so: upstream's and Debian's; musl has its own (musl: ldso/dynlink.c). */
function defaultFolders({ interpreter, machine, wordBytes }: Outline): string[] {
  if (interpreter?.includes('ld-musl') === true) return ['/lib', '/usr/local/lib', '/usr/lib']
  const debian = MULTIARCH[machine]
  return [
    ...(debian === undefined ? [] : [`/lib/${debian}`, `/usr/lib/${debian}`]),
    ...(wordBytes === 8 ? ['/lib64', '/usr/lib64'] : []),
    ...['/lib', '/usr/lib'],
  ]
}

const CACHE = '/etc/ld.so.cache'
const CACHE_MAGIC = 'glibc-ld.so.cache1.1'
const CACHE_HEADER_BYTES = 48
const CACHE_ENTRY_BYTES = 24

async function readCache(root: Root): Promise<Map<string, string[]>> {
  const found = await root.find(CACHE)
  if (found === null) return new Map()
  return parseCache(withBytes(found.file, (bytes) => bytes.read(0, 64 * 1024 * 1024)))
}

/**
 * Reads /etc/ld.so.cache, name → paths. The format is glibc's since 2.2, alone or behind an older one (glibc:
 * sysdeps/generic/dl-cache.h); its numbers are in the machine's own order, which here is taken to be the usual one.
 */
export function parseCache(data: Buffer): Map<string, string[]> {
  const paths = new Map<string, string[]>()
  const start = data.indexOf(CACHE_MAGIC)
  if (start < 0) return paths
  const cache = data.subarray(start)
  const count = cache.length < CACHE_HEADER_BYTES ? 0 : cache.readUInt32LE(20)
  for (let index = 0; index < count; index += 1) {
    const entry = CACHE_HEADER_BYTES + index * CACHE_ENTRY_BYTES
    if (entry + CACHE_ENTRY_BYTES > cache.length) break
    const name = textAt(cache, cache.readUInt32LE(entry + 4))
    const path = textAt(cache, cache.readUInt32LE(entry + 8))
    paths.set(name, [...(paths.get(name) ?? []), path])
  }
  return paths
}
