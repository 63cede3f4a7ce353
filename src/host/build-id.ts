import { closeSync, openSync, readSync } from 'node:fs'

/** Gives what there is of the bytes asked for, which may be fewer. */
export type Read = (offset: number, length: number) => Buffer

/** ELF, 64 bit, little endian (elf.h) */
const ELF_IDENTITY = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])
const HEADER_BYTES = 64
const SEGMENT_BYTES = 56
const PT_NOTE = 4
const NT_GNU_BUILD_ID = 3
const NOTES_BYTES_MAX = 512 * 1024 * 1024

/** One entry of an ELF file's program header. Numbers are bytes. */
export interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: bigint
  readonly bytes: number
}

/** The type and the segments of a 64-bit ELF file; null for anything else. */
export function readSegments(read: Read): { type: number; segments: Segment[] } | null {
  const header = read(0, HEADER_BYTES)
  if (header.length < HEADER_BYTES || !header.subarray(0, 6).equals(ELF_IDENTITY)) return null
  const table = read(Number(header.readBigUInt64LE(32)), header.readUInt16LE(56) * SEGMENT_BYTES)
  const segments: Segment[] = []
  for (let at = 0; at + SEGMENT_BYTES <= table.length; at += SEGMENT_BYTES) {
    segments.push({
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: table.readBigUInt64LE(at + 16),
      bytes: Number(table.readBigUInt64LE(at + 32)),
    })
  }
  return { type: header.readUInt16LE(16), segments }
}

/** Each note of the PT_NOTE segments: sizes of name and data, type, then both, padded to four bytes (elf.h, Elf64_Nhdr). */
export function readNotes(
  read: Read,
  segments: readonly Segment[],
): [type: number, data: Buffer][] {
  return segments
    .filter(({ type, bytes }) => type === PT_NOTE && bytes <= NOTES_BYTES_MAX)
    .flatMap(({ offset, bytes }) => splitNotes(read(offset, bytes)))
}

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

/**
 * The id that the linker gave a program or library, in hex; null where it has none or can't be read. The bytes may as
 * well be those of the file's first mapping in memory, which begin the same.
 */
export function readBuildId(read: Read): string | null {
  const elf = readSegments(read)
  if (elf === null) return null
  const found = readNotes(read, elf.segments).find(([type]) => type === NT_GNU_BUILD_ID)
  return found === undefined || found[1].length === 0 ? null : found[1].toString('hex')
}

/** Opens a file for as long as `work` reads in it; null when it can't be read. */
export function withFile<T>(path: string, work: (read: Read) => T): T | null {
  let descriptor: number | undefined
  try {
    const file = openSync(path, 'r')
    descriptor = file
    return work((offset, length) => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
    })
  } catch {
    return null
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
