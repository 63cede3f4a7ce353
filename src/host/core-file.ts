import { closeSync, openSync, readSync } from 'node:fs'

/** What a core says of the program that made it. */
export interface CoreFile {
  /** Path of the program */
  readonly executable: string | null
  /** Paths of all files that were mapped, the program's too */
  readonly files: readonly string[]
}

/** ELF, 64 bit, little endian (elf.h) */
const ELF_IDENTITY = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])
const ET_CORE = 4
const PT_NOTE = 4
const HEADER_BYTES = 56
const NT_AUXV = 6
/** "FILE" (fs/binfmt_elf.c, fill_files_note) */
const NT_FILE = 0x46494c45
const AT_ENTRY = 9n
const NOTES_BYTES_MAX = 512 * 1024 * 1024

/** Reads a core's notes; null for a file that is no core of a 64-bit program, or can't be read. */
export function readCoreFile(path: string): CoreFile | null {
  let descriptor: number | undefined
  try {
    const file = openSync(path, 'r')
    descriptor = file
    return parseCore((offset, length) => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
    })
  } catch {
    return null
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

type Read = (offset: number, length: number) => Buffer

/** Reads a core through `read`, which gives what there is of the bytes asked for. */
export function parseCore(read: Read): CoreFile | null {
  const header = read(0, 64)
  const isCore = header.length === 64 && header.subarray(0, 6).equals(ELF_IDENTITY)
  if (!isCore || header.readUInt16LE(16) !== ET_CORE) return null
  const count = header.readUInt16LE(56)
  const segments = read(Number(header.readBigUInt64LE(32)), count * HEADER_BYTES)
  const notes = new Map<number, Buffer>()
  for (let at = 0; at + HEADER_BYTES <= segments.length; at += HEADER_BYTES) {
    if (segments.readUInt32LE(at) !== PT_NOTE) continue
    const bytes = Number(segments.readBigUInt64LE(at + 32))
    if (bytes > NOTES_BYTES_MAX) continue
    for (const [type, note] of splitNotes(read(Number(segments.readBigUInt64LE(at + 8)), bytes)))
      notes.set(type, note)
  }
  const mappings = readMappings(notes.get(NT_FILE) ?? Buffer.alloc(0))
  const entry = readEntry(notes.get(NT_AUXV) ?? Buffer.alloc(0))
  const program = mappings.find(({ from, to }) => entry !== null && from <= entry && entry < to)
  return {
    executable: program?.path ?? null,
    files: [...new Set(mappings.map(({ path }) => path))],
  }
}

/** Each note: sizes of name and data, type, then both, padded to four bytes (elf.h, Elf64_Nhdr). */
function splitNotes(bytes: Buffer): [type: number, data: Buffer][] {
  const notes: [number, Buffer][] = []
  const padded = (length: number): number => Math.ceil(length / 4) * 4
  for (let at = 0; at + 12 <= bytes.length;) {
    const [name, data] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
    const start = at + 12 + padded(name)
    notes.push([bytes.readUInt32LE(at + 8), bytes.subarray(start, start + data)])
    at = start + padded(data)
  }
  return notes
}

/** Count, page size, then begin, end and offset of each mapping, then their paths, each with a zero. */
function readMappings(note: Buffer): { from: bigint; to: bigint; path: string }[] {
  if (note.length < 16) return []
  const count = Number(note.readBigUInt64LE(0))
  if (16 + count * 24 > note.length) return []
  const paths = note.toString('utf8', 16 + count * 24).split('\0')
  return Array.from({ length: count }, (_none, index) => ({
    from: note.readBigUInt64LE(16 + index * 24),
    to: note.readBigUInt64LE(24 + index * 24),
    path: paths[index] ?? '',
  }))
}

/** The program's entry point, out of the auxiliary vector. */
function readEntry(note: Buffer): bigint | null {
  for (let at = 0; at + 16 <= note.length; at += 16)
    if (note.readBigUInt64LE(at) === AT_ENTRY) return note.readBigUInt64LE(at + 8)
  return null
}
