import type { Bytes, Fields } from './bytes.js'
import { readFields, textAt } from './bytes.js'

/** A section, as its header has it. */
export interface Section {
  readonly name: string
  readonly type: number
  readonly address: number
  readonly offset: number
  /** Bytes in the file; 0 for what has none there (.bss) */
  readonly size: number
  readonly link: number
  readonly entrySize: number
}

/** A part of the file that the kernel or ld.so looks at. */
export interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

/** The outline of an ELF file. */
export interface Elf {
  readonly bytes: Bytes
  readonly wordBytes: 4 | 8
  readonly little: boolean
  /** ET_EXEC, ET_DYN… */
  readonly type: number
  /** EM_X86_64… */
  readonly machine: number
  readonly sections: readonly Section[]
  readonly segments: readonly Segment[]
}

export const ET_EXEC = 2
export const ET_DYN = 3
export const PT_LOAD = 1
export const PT_DYNAMIC = 2
export const PT_INTERP = 3
const SHT_NOBITS = 8
const HEADERS_MAX = 65_535
/** No table of a real program comes near */
const TABLE_BYTES_MAX = 512 * 1024 * 1024

/**
 * Reads the headers of an ELF file (System V ABI, chapters 4 and 5).
 * @returns null for anything else. Headers that lie outside the file are left out
 */
export function readElf(bytes: Bytes): Elf | null {
  const head = bytes.read(0, 64)
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46) return null
  const wordBytes = head[4] === 2 ? 8 : 4
  const little = head[5] !== 2
  const at = readFields(head, little, wordBytes)
  const wide = wordBytes === 8
  const elf = { bytes, wordBytes, little, type: at.u16(16), machine: at.u16(18) } as const
  return {
    ...elf,
    segments: readSegments(bytes, elf, {
      offset: at.word(wide ? 32 : 28),
      size: at.u16(wide ? 54 : 42),
      count: at.u16(wide ? 56 : 44),
    }),
    sections: readSections(
      bytes,
      elf,
      {
        offset: at.word(wide ? 40 : 32),
        size: at.u16(wide ? 58 : 46),
        count: at.u16(wide ? 60 : 48),
      },
      at.u16(wide ? 62 : 50),
    ),
  }
}

type Layout = Pick<Elf, 'little' | 'wordBytes'>

interface Table {
  readonly offset: number
  readonly size: number
  readonly count: number
}

/** Each entry of a table of headers, as fields of its own. */
function readTable(bytes: Bytes, { little, wordBytes }: Layout, table: Table): Fields[] {
  if (table.size === 0 || table.count > HEADERS_MAX) return []
  const data = bytes.read(table.offset, table.size * table.count)
  return Array.from({ length: Math.floor(data.length / table.size) }, (_, index) =>
    readFields(data.subarray(index * table.size, (index + 1) * table.size), little, wordBytes),
  )
}

function readSegments(bytes: Bytes, layout: Layout, table: Table): Segment[] {
  const wide = layout.wordBytes === 8
  return readTable(bytes, layout, table).map((at) => ({
    type: at.u32(0),
    offset: at.word(wide ? 8 : 4),
    address: at.word(wide ? 16 : 8),
    size: at.word(wide ? 32 : 16),
  }))
}

function readSections(bytes: Bytes, layout: Layout, table: Table, namesIndex: number): Section[] {
  const wide = layout.wordBytes === 8
  const headers = readTable(bytes, layout, table).map((at) => ({
    nameAt: at.u32(0),
    type: at.u32(4),
    address: at.word(wide ? 16 : 12),
    offset: at.word(wide ? 24 : 16),
    size: at.u32(4) === SHT_NOBITS ? 0 : at.word(wide ? 32 : 20),
    link: at.u32(wide ? 40 : 24),
    entrySize: at.word(wide ? 56 : 36),
  }))
  const where = headers[namesIndex]
  const names = where === undefined ? Buffer.alloc(0) : bytes.read(where.offset, where.size)
  return headers.map(({ nameAt, ...header }) => ({ name: textAt(names, nameAt), ...header }))
}

/** A section's bytes; none where there is no such section. */
export function sectionBytes(elf: Elf, section: Section | undefined): Buffer {
  if (section === undefined) return Buffer.alloc(0)
  return elf.bytes.read(section.offset, Math.min(section.size, TABLE_BYTES_MAX))
}

export function findSection(elf: Elf, name: string): Section | undefined {
  return elf.sections.find((section) => section.name === name)
}

/** Where an address of the running program (before it is moved, if it can be) lies in the file; null where nowhere. */
export function offsetOf(elf: Elf, address: number): number | null {
  const segment = elf.segments.find(
    ({ type, address: start, size }) =>
      type === PT_LOAD && address >= start && address < start + size,
  )
  return segment === undefined ? null : segment.offset + (address - segment.address)
}

/** The interpreter, which is ld.so: `/lib64/ld-linux-x86-64.so.2`; null for a static program or a library. */
export function interpreterOf(elf: Elf): string | null {
  const segment = elf.segments.find(({ type }) => type === PT_INTERP)
  if (segment === undefined) return null
  return textAt(elf.bytes.read(segment.offset, Math.min(segment.size, 4096)), 0)
}

const DT_FLAGS_1 = 0x6ffffffb
const DF_1_PIE = 0x08000000

/** What may be started, not only loaded: a program of the fixed, the movable (PIE) or the static kind. */
export function isProgram(elf: Elf): boolean {
  if (elf.type === ET_EXEC || interpreterOf(elf) !== null) return elf.type !== 1
  return (
    elf.type === ET_DYN &&
    readDynamic(elf).some(({ tag, value }) => tag === DT_FLAGS_1 && value % 2 ** 32 >= DF_1_PIE)
  )
}

export interface DynamicEntry {
  readonly tag: number
  readonly value: number
}

/** What ld.so is told (System V ABI, "Dynamic Section"). */
export function readDynamic(elf: Elf): DynamicEntry[] {
  const segment = elf.segments.find(({ type }) => type === PT_DYNAMIC)
  if (segment === undefined) return []
  const size = 2 * elf.wordBytes
  const count = Math.min(Math.floor(segment.size / size), HEADERS_MAX)
  return readTable(elf.bytes, elf, { offset: segment.offset, size, count })
    .map((at) => ({ tag: at.word(0), value: at.word(elf.wordBytes) }))
    .filter(({ tag }) => tag !== 0)
}

const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_SONAME = 14
const DT_RPATH = 15
const DT_RUNPATH = 29

/** What a program or library asks ld.so for. */
export interface Linkage {
  readonly needed: readonly string[]
  readonly soname: string | null
  readonly rpath: readonly string[]
  readonly runpath: readonly string[]
}

export function readLinkage(elf: Elf): Linkage {
  const entries = readDynamic(elf)
  const strings = entries.find(({ tag }) => tag === DT_STRTAB)
  const base = strings === undefined ? null : offsetOf(elf, strings.value)
  const texts = (wanted: number): string[] =>
    base === null
      ? []
      : entries
          .filter(({ tag }) => tag === wanted)
          .map(({ value }) => textAt(elf.bytes.read(base + value, 4096), 0))
  const paths = (wanted: number): string[] =>
    texts(wanted).flatMap((text) => text.split(':').filter((path) => path !== ''))
  return {
    needed: texts(DT_NEEDED),
    soname: texts(DT_SONAME)[0] ?? null,
    rpath: paths(DT_RPATH),
    runpath: paths(DT_RUNPATH),
  }
}
