import { readBuildId, readNotes, readSegments, withFile } from './build-id.js'
import type { Read, Segment } from './build-id.js'

/** What a core says of the program that made it. */
export interface CoreFile {
  /** Path of the program */
  readonly executable: string | null
  /** Paths of all files that were mapped, the program's too */
  readonly files: readonly string[]
  /** Build ids in hex of those files whose beginning is in the core */
  readonly buildIds: ReadonlyMap<string, string>
}

const ET_CORE = 4
const PT_LOAD = 1
const NT_AUXV = 6
/** "FILE" (fs/binfmt_elf.c, fill_files_note) */
const NT_FILE = 0x46494c45
const AT_ENTRY = 9n

/** Reads a core's notes; null for a file that is no core of a 64-bit program, or can't be read. */
export function readCoreFile(path: string): CoreFile | null {
  return withFile(path, parseCore)
}

/** Reads a core through `read`, which gives what there is of the bytes asked for. */
export function parseCore(read: Read): CoreFile | null {
  const elf = readSegments(read)
  if (elf?.type !== ET_CORE) return null
  const notes = new Map(readNotes(read, elf.segments))
  const mappings = readMappings(notes.get(NT_FILE) ?? Buffer.alloc(0))
  const entry = readEntry(notes.get(NT_AUXV) ?? Buffer.alloc(0))
  const program = mappings.find(({ from, to }) => entry !== null && from <= entry && entry < to)
  return {
    executable: program?.path ?? null,
    files: [...new Set(mappings.map(({ path }) => path))],
    buildIds: readBuildIds(mappings, elf.segments, read),
  }
}

interface Mapping {
  readonly from: bigint
  readonly to: bigint
  /** Where in the file it begins, in pages */
  readonly page: bigint
  readonly path: string
}

/** Count, page size, then begin, end and offset of each mapping, then their paths, each with a zero. */
function readMappings(note: Buffer): Mapping[] {
  if (note.length < 16) return []
  const count = Number(note.readBigUInt64LE(0))
  if (16 + count * 24 > note.length) return []
  const paths = note.toString('utf8', 16 + count * 24).split('\0')
  return Array.from({ length: count }, (_none, index) => ({
    from: note.readBigUInt64LE(16 + index * 24),
    to: note.readBigUInt64LE(24 + index * 24),
    page: note.readBigUInt64LE(32 + index * 24),
    path: paths[index] ?? '',
  }))
}

/** By default the kernel keeps the first page of each mapped ELF file in a core (core(5), coredump_filter bit 4). */
function readBuildIds(
  mappings: readonly Mapping[],
  segments: readonly Segment[],
  read: Read,
): Map<string, string> {
  const found = new Map<string, string>()
  for (const { from, path } of mappings.filter(({ page }) => page === 0n)) {
    const kept = segments.find(({ type, address }) => type === PT_LOAD && address === from)
    if (kept === undefined || found.has(path)) continue
    const id = readBuildId((offset, length) =>
      read(kept.offset + offset, Math.max(0, Math.min(length, kept.bytes - offset))),
    )
    if (id !== null) found.set(path, id)
  }
  return found
}

/** The program's entry point, out of the auxiliary vector. */
function readEntry(note: Buffer): bigint | null {
  for (let at = 0; at + 16 <= note.length; at += 16)
    if (note.readBigUInt64LE(at) === AT_ENTRY) return note.readBigUInt64LE(at + 8)
  return null
}
