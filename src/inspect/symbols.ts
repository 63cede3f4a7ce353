import { readFields, textAt } from './bytes.js'
import { findSection, sectionBytes } from './elf.js'
import type { Elf } from './elf.js'

export type SymbolTable = '.dynsym' | '.symtab'

export interface ElfSymbol {
  /** As in the table, so perhaps with a version or a compiler's suffix: `f@GLIBC_2.35`, `f.part.0` */
  readonly name: string
  readonly table: SymbolTable
  readonly index: number
  /** Of its entry, in the file */
  readonly offset: number
  /** Not defined here: another object has to */
  readonly imported: boolean
  readonly address: number
  readonly size: number
}

export function hasTable(elf: Elf, table: SymbolTable): boolean {
  return (findSection(elf, table)?.size ?? 0) > 0
}

/**
 * The symbols of these names, each alone or followed by a version or a suffix. Only names are compared that occur in the
 * table of strings, so that half a million symbols take a few hundredths of a second.
 */
export function findSymbols(elf: Elf, table: SymbolTable, names: readonly string[]): ElfSymbol[] {
  const section = findSection(elf, table)
  if (section === undefined) return []
  const strings = sectionBytes(elf, elf.sections[section.link])
  const wanted = placesOf(strings, names)
  if (wanted.size === 0) return []
  const wide = elf.wordBytes === 8
  const entryBytes = wide ? 24 : 16
  const data = sectionBytes(elf, section)
  const at = readFields(data, elf.little, elf.wordBytes)
  const found: ElfSymbol[] = []
  for (let entry = 0; entry + entryBytes <= data.length; entry += entryBytes) {
    const nameAt = at.u32(entry)
    if (!wanted.has(nameAt)) continue
    found.push({
      ...{ name: textAt(strings, nameAt), table, index: entry / entryBytes },
      offset: section.offset + entry,
      imported: at.u16(entry + (wide ? 6 : 14)) === 0,
      address: at.word(entry + (wide ? 8 : 4)),
      size: at.word(entry + (wide ? 16 : 8)),
    })
  }
  return found
}

/** Offsets of the names in the strings; a linker lets one name begin inside another that ends alike. */
function placesOf(strings: Buffer, names: readonly string[]): Set<number> {
  const places = new Set<number>()
  for (const name of names) {
    for (let at = strings.indexOf(name); at >= 0; at = strings.indexOf(name, at + 1)) {
      const next = strings[at + name.length]
      if (next === 0 || next === 0x2e || next === 0x40) places.add(at)
    }
  }
  return places
}

/** The name without version and suffix: `_Unwind_Find_FDE.part.0` → `_Unwind_Find_FDE`. */
export function plainName({ name }: Pick<ElfSymbol, 'name'>): string {
  return name.replace(/[@.].*$/s, '')
}

export interface Relocation {
  /** The place that ld.so fills in */
  readonly address: number
  /** Index in .dynsym of what it fills in; 0: none */
  readonly symbol: number
  readonly addend: number
}

const SHT_RELA = 4
const SHT_REL = 9

/** The relocations of ld.so that `keep` wants. */
export function findRelocations(
  elf: Elf,
  keep: (address: number, symbol: number) => boolean,
): Relocation[] {
  const { wordBytes } = elf
  const tables = elf.sections.filter(
    ({ type, link }) =>
      (type === SHT_RELA || type === SHT_REL) && elf.sections[link]?.name === '.dynsym',
  )
  const found: Relocation[] = []
  for (const table of tables) {
    const entryBytes = wordBytes * (table.type === SHT_RELA ? 3 : 2)
    const data = sectionBytes(elf, table)
    const at = readFields(data, elf.little, wordBytes)
    for (let entry = 0; entry + entryBytes <= data.length; entry += entryBytes) {
      const info = at.word(entry + wordBytes)
      const symbol = wordBytes === 8 ? Math.floor(info / 2 ** 32) : info >>> 8
      const address = at.word(entry)
      if (!keep(address, symbol)) continue
      found.push({
        ...{ address, symbol },
        addend: table.type === SHT_RELA ? at.word(entry + 2 * wordBytes) : 0,
      })
    }
  }
  return found
}
