import { findText, readFields } from './bytes.js'
import { findSection, offsetOf, sectionBytes } from './elf.js'
import type { Elf, Section } from './elf.js'
import { findRelocations } from './symbols.js'

export interface GoModule {
  readonly path: string
  readonly version: string
  /** What stands in for it (`replace`): a module with a version, or a folder without */
  readonly replacedBy: { readonly path: string; readonly version: string } | null
}

/** What a Go program says of itself. */
export interface GoProgram {
  /** `1.17.13`; null where it does not say */
  readonly version: string | null
  readonly modules: readonly GoModule[]
  /** Of the build information, in the file; null where there is none (Go before 1.13) */
  readonly offset: number | null
}

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1')
const TEXT_BYTES_MAX = 16 * 1024 * 1024
const NOTHING = Buffer.alloc(0)

/**
 * Reads Go's build information. Up to 1.17 it holds pointers to strings, since 1.18 the strings themselves
 * (debug/buildinfo in Go's own library). What strip takes away is not needed for it.
 * @returns null when the program is not Go's
 */
export function readGo(elf: Elf): GoProgram | null {
  const section = findSection(elf, '.go.buildinfo')
  const data = sectionBytes(elf, section)
  const start = data.indexOf(MAGIC)
  if (section === undefined || start < 0) {
    const isGo = ['.note.go.buildid', ...GO_FUNCTION_TABLES].some(
      (name) => findSection(elf, name) !== undefined,
    )
    return isGo ? { version: null, modules: [], offset: null } : null
  }
  const flags = data[start + 15] ?? 0
  const [version = NOTHING, modules = NOTHING] =
    (flags & 2) === 0
      ? [0, 1].map((index) => stringBehind(elf, section, data, { start, index }))
      : inlineStrings(data, start + 32)
  return {
    version: /^go(1\S*)/.exec(version.toString('utf8'))?.[1] ?? null,
    modules: parseModules(withoutMarks(modules)),
    offset: section.offset + start,
  }
}

/** Two strings one after the other, each behind its length as a varint. */
function inlineStrings(data: Buffer, start: number): Buffer[] {
  const texts: Buffer[] = []
  let at = start
  for (let count = 0; count < 2; count += 1) {
    let length = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = data[at] ?? 0
      at += 1
      length += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    texts.push(data.subarray(at, at + length))
    at += length
  }
  return texts
}

/** The string whose header one of the two pointers leads to. */
function stringBehind(
  elf: Elf,
  section: Section,
  data: Buffer,
  { start, index }: { readonly start: number; readonly index: number },
): Buffer {
  const pointerBytes = data[start + 14] === 4 ? 4 : 8
  const inSection = start + 16 + index * pointerBytes
  const header = pointerAt(
    elf,
    section.address + inSection,
    readFields(data, elf.little, pointerBytes).word(inSection),
  )
  const headerOffset = offsetOf(elf, header)
  if (headerOffset === null) return NOTHING
  const fields = readFields(
    elf.bytes.read(headerOffset, 2 * pointerBytes),
    elf.little,
    pointerBytes,
  )
  const offset = offsetOf(elf, pointerAt(elf, header, fields.word(0)))
  if (offset === null) return NOTHING
  return elf.bytes.read(offset, Math.min(fields.word(pointerBytes), TEXT_BYTES_MAX))
}

/** What a pointer will be: in a program that can be moved, the file holds its value in a relocation instead. */
function pointerAt(elf: Elf, address: number, inFile: number): number {
  if (inFile !== 0) return inFile
  return findRelocations(elf, (at) => at === address)[0]?.addend ?? 0
}

const MARK_BYTES = 16

/** Go puts 16 bytes before and after the list of modules, for those who search memory for it (debug/buildinfo). */
function withoutMarks(list: Buffer): string {
  const marked = list.length > 2 * MARK_BYTES && list.at(-MARK_BYTES - 1) === 0x0a
  return marked ? list.toString('utf8', MARK_BYTES, list.length - MARK_BYTES) : ''
}

/**
 * Reads a list of modules.
 * @param text e.g. `path\tmain\ndep\texample.org/a\tv1.2.0\th1:…\n=>\texample.org/b\tv1.3.0\th1:…\n`
 */
export function parseModules(text: string): GoModule[] {
  const modules: GoModule[] = []
  for (const line of text.split('\n')) {
    const [kind, path = '', version = ''] = line.split('\t')
    const last = modules.at(-1)
    if (kind === 'dep' || kind === 'mod') modules.push({ path, version, replacedBy: null })
    if (kind === '=>' && last !== undefined)
      modules.splice(-1, 1, { ...last, replacedBy: { path, version } })
  }
  return modules
}

/** Where Go keeps the names of its functions; strip leaves it alone, for tracebacks need it. */
const GO_FUNCTION_TABLES = ['.gopclntab', '.data.rel.ro.gopclntab']
/** Where another linker puts that in a program that can be moved. */
const MERGED_TABLES = ['.data.rel.ro', '.rodata']
/** Linked into every Go program */
const ALWAYS_LINKED = 'runtime.goexit'

/**
 * Looks for a function among those that Go's linker kept.
 * @returns where its name stands in the file, null when it was not linked, undefined when there is no table
 */
export function findGoFunction(elf: Elf, name: string): number | null | undefined {
  const find = (table: Section, wanted: string): number | null =>
    findText(elf.bytes, table, `${wanted}\0`)
  const tables = [...GO_FUNCTION_TABLES, ...MERGED_TABLES].flatMap(
    (table) => findSection(elf, table) ?? [],
  )
  const table = tables.find((each) => find(each, ALWAYS_LINKED) !== null)
  return table === undefined ? undefined : find(table, name)
}
