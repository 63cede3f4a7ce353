import { closeSync, openSync, readSync } from 'node:fs'
import type { ThreadCounters } from '../watch/types.js'

/**
 * The counters that a program of ours keeps in an object of this name (native/reproducer/counters.h): a header of 64
 * bytes, then 256 entries of 64 bytes, one a thread. They are read out of its memory without stopping it, and trusted for nothing but
 * their values.
 */
const NAME = 'cgo_deadlock_counters'
const MAGIC = 'cgo-deadlock-cnt'
const HEADER_BYTES = 64
const SLOTS = 256
const SLOT_BYTES = 64

/** Bounds for what an executable may make us read */
const TABLE_BYTES_MAX = 64 * 1024 * 1024
const HEADERS_BYTES_MAX = 1024 * 1024

/** ELF, 64 bit, little endian (elf.h: EI_CLASS, EI_DATA) */
const ELF_IDENTITY = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])
const PT_LOAD = 1
const SHT_SYMTAB = 2
const SHT_DYNSYM = 11
const STT_OBJECT = 1
const SYMBOL_BYTES = 24
const AT_PHDR = 3n

/** Counters of all threads that ever threw, and the thread that was kept in std::terminate, else 0. */
export interface Counters {
  readonly threads: ThreadCounters[]
  readonly terminated: number
}

/** The address of the counters object in a running process; null when its program has none or may not be read. */
export function findCounters(pid: number): bigint | null {
  return withFile(`/proc/${pid}/exe`, (read) => {
    const header = read(0n, 64)
    if (header?.subarray(0, ELF_IDENTITY.length).equals(ELF_IDENTITY) !== true) return null
    const linked = findSymbol(read, header)
    const planned = linked === null ? null : plannedHeaders(read, header)
    const actual = planned === null ? null : actualHeaders(pid)
    if (linked === null || planned === null || actual === null) return null
    return linked + (actual - planned)
  })
}

/** Reads the object; null when it is not there or none of ours. */
export function readCounters(pid: number, address: bigint): Counters | null {
  return withFile(`/proc/${pid}/mem`, (read) => {
    const bytes = read(address, HEADER_BYTES + SLOTS * SLOT_BYTES)
    return bytes === null ? null : parseCounters(bytes)
  })
}

/** The object's bytes as counters; null when they are none of ours. */
export function parseCounters(bytes: Buffer): Counters | null {
  const known = [bytes.readUInt32LE(16), bytes.readUInt32LE(20), bytes.readUInt32LE(24)]
  if (bytes.toString('latin1', 0, 16) !== MAGIC || known.join() !== [1, SLOTS, SLOT_BYTES].join())
    return null
  const threads = Array.from({ length: SLOTS }, (_none, index) => {
    const at = HEADER_BYTES + index * SLOT_BYTES
    const [tid = 0, throws = 0, signals = 0, unwinds = 0, exposures = 0] = [0, 8, 16, 24, 32].map(
      (offset) => Number(bytes.readBigUInt64LE(at + offset)),
    )
    return { tid, throws, signals, unwinds, exposures }
  })
  return {
    threads: threads.filter(({ tid }) => tid > 0 && tid < 2 ** 31),
    terminated: bytes.readInt32LE(28) < 0 ? 0 : bytes.readInt32LE(28),
  }
}

/** `length` bytes at an offset; null when there are not so many. */
type Read = (offset: bigint, length: number) => Buffer | null

function withFile<T>(path: string, work: (read: Read) => T | null): T | null {
  let descriptor: number | undefined
  try {
    const file = openSync(path, 'r')
    descriptor = file
    return work((offset, length) => {
      if (length < 0 || length > TABLE_BYTES_MAX) return null
      const bytes = Buffer.allocUnsafe(length)
      return readSync(file, bytes, 0, length, offset) === length ? bytes : null
    })
  } catch {
    return null
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

interface Section {
  readonly type: number
  readonly offset: bigint
  readonly bytes: number
  readonly link: number
}

/** The link-time address of the object, out of .symtab or .dynsym. */
function findSymbol(read: Read, header: Buffer): bigint | null {
  const sections = readSections(read, header)
  for (const symbols of sections) {
    if (symbols.type !== SHT_SYMTAB && symbols.type !== SHT_DYNSYM) continue
    const strings = sections[symbols.link]
    const names = strings === undefined ? null : read(strings.offset, strings.bytes)
    const offsets = names === null ? [] : offsetsOf(names)
    const table = offsets.length === 0 ? null : read(symbols.offset, symbols.bytes)
    const found = table === null ? null : valueOf(table, offsets)
    if (found !== null) return found
  }
  return null
}

function readSections(read: Read, header: Buffer): Section[] {
  const [size, count] = [header.readUInt16LE(58), header.readUInt16LE(60)]
  const table =
    size === 64 && size * count <= HEADERS_BYTES_MAX
      ? read(header.readBigUInt64LE(40), size * count)
      : null
  if (table === null) return []
  return Array.from({ length: count }, (_none, index) => ({
    type: table.readUInt32LE(index * size + 4),
    offset: table.readBigUInt64LE(index * size + 24),
    bytes: Number(table.readBigUInt64LE(index * size + 32)),
    link: table.readUInt32LE(index * size + 40),
  }))
}

/** Offsets at which the name stands with its closing zero; tails of names are shared, so not at starts only. */
function offsetsOf(names: Buffer): number[] {
  const wanted = Buffer.from(`${NAME}\0`)
  const found: number[] = []
  for (let at = names.indexOf(wanted); at >= 0; at = names.indexOf(wanted, at + 1)) found.push(at)
  return found
}

/** The value of a defined data symbol with one of these names. */
function valueOf(table: Buffer, offsets: readonly number[]): bigint | null {
  for (let at = 0; at + SYMBOL_BYTES <= table.length; at += SYMBOL_BYTES) {
    const isObject = ((table[at + 4] ?? 0) & 15) === STT_OBJECT && table.readUInt16LE(at + 6) !== 0
    if (isObject && offsets.includes(table.readUInt32LE(at))) return table.readBigUInt64LE(at + 8)
  }
  return null
}

/** Where the program headers were linked to be. */
function plannedHeaders(read: Read, header: Buffer): bigint | null {
  const offset = header.readBigUInt64LE(32)
  const [size, count] = [header.readUInt16LE(54), header.readUInt16LE(56)]
  const table = size === 56 ? read(offset, size * count) : null
  for (let at = 0; table !== null && at < table.length; at += size) {
    const start = table.readBigUInt64LE(at + 8)
    const inside = start <= offset && offset < start + table.readBigUInt64LE(at + 32)
    if (table.readUInt32LE(at) === PT_LOAD && inside)
      return table.readBigUInt64LE(at + 16) + offset - start
  }
  return null
}

/** Where they are in the process: the kernel told it in the auxiliary vector. */
function actualHeaders(pid: number): bigint | null {
  return withFile(`/proc/${pid}/auxv`, (read) => {
    for (let at = 0n; at < 1024n; at += 16n) {
      const entry = read(at, 16)
      if (entry === null) return null
      if (entry.readBigUInt64LE(0) === AT_PHDR) return entry.readBigUInt64LE(8)
    }
    return null
  })
}
