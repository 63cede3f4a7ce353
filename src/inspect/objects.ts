import { textAt } from './bytes.js'
import { findCalls } from './calls.js'
import type { Call } from './calls.js'
import { findSection, interpreterOf, readElf, sectionBytes } from './elf.js'
import type { Elf } from './elf.js'
import { findSymbols, hasTable, plainName } from './symbols.js'
import type { ElfSymbol, SymbolTable } from './symbols.js'

/** The two ways of glibc to find the frames of an address; the first takes the loader's lock. */
export const LOOKUPS = ['dl_iterate_phdr', '_dl_find_object'] as const
export type Lookup = (typeof LOOKUPS)[number]

/** 32-bit ARM asks libc, which in turn uses one of the two (glibc: sysdeps/arm/find_exidx.c). */
export const ARM_LOOKUP = '__gnu_Unwind_Find_exidx'

/** libgcc's own function that calls the lookup (libgcc/unwind-dw2-fde-dip.c). */
export const FIND_FDE = '_Unwind_Find_FDE'

const INTEREST = [
  ...LOOKUPS,
  ...['__dl_iterate_phdr', ARM_LOOKUP, FIND_FDE],
  ...['_Unwind_Backtrace', '_Unwind_RaiseException', '_Unwind_Resume', '__cxa_throw'],
  ...['__unw_getcontext', '_ULx86_64_init_local', '_ULaarch64_init_local', 'unw_backtrace'],
  ...['backtrace', 'backtrace_initialize'],
]

/** What matters of one program or library. */
export interface ObjectFacts {
  readonly path: string
  readonly soname: string | null
  readonly machine: number
  readonly interpreter: string | null
  /** It has a table of all its functions: not stripped */
  readonly named: boolean
  /** ld.so loads it, so that it has a table of imports */
  readonly dynamic: boolean
  readonly symbols: readonly ElfSymbol[]
  /** Calls of a lookup inside libgcc's own function, where that is linked in and has a name */
  readonly lookups: Readonly<Record<Lookup, readonly Call[]>>
  /** What compilers wrote into .comment, one each */
  readonly compilers: readonly string[]
  /** It says that it is made for the GNU system */
  readonly gnu: boolean
}

/** @throws Error when it is no ELF file */
export function readObject(elf: Elf, place: { path: string; soname: string | null }): ObjectFacts {
  const tables: SymbolTable[] = ['.dynsym', '.symtab']
  const symbols = tables.flatMap((table) => findSymbols(elf, table, INTEREST))
  const finders = symbols.filter(
    (symbol) => symbol.table === '.symtab' && plainName(symbol) === FIND_FDE,
  )
  const callsOf = (...names: string[]): Call[] =>
    finders.length === 0
      ? []
      : findCalls(
          elf,
          finders,
          symbols.filter((symbol) => names.includes(plainName(symbol))),
        )
  return {
    ...place,
    machine: elf.machine,
    interpreter: interpreterOf(elf),
    named: hasTable(elf, '.symtab'),
    dynamic: hasTable(elf, '.dynsym'),
    symbols,
    lookups: {
      dl_iterate_phdr: callsOf('dl_iterate_phdr', '__dl_iterate_phdr'),
      _dl_find_object: callsOf('_dl_find_object'),
    },
    compilers: readCompilers(elf),
    gnu: findSection(elf, '.note.ABI-tag') !== undefined,
  }
}

/** `GCC: (Debian 10.2.1-6) 10.2.1 20210110`, … */
function readCompilers(elf: Elf): string[] {
  const data = sectionBytes(elf, findSection(elf, '.comment')).subarray(0, 64 * 1024)
  const texts = new Set<string>()
  for (let at = 0; at < data.length; at += textAt(data, at).length + 1) texts.add(textAt(data, at))
  return [...texts].filter((text) => text !== '')
}

/** The first symbol of a name, imported or defined; one from the table of imports before others. */
export function symbolOf(
  object: ObjectFacts,
  name: string,
  kind: 'imported' | 'defined' | 'exported',
): ElfSymbol | undefined {
  return object.symbols.find(
    (symbol) =>
      plainName(symbol) === name &&
      (kind === 'imported'
        ? symbol.imported && symbol.table === '.dynsym'
        : !symbol.imported && (kind === 'defined' || symbol.table === '.dynsym')),
  )
}

/** @throws Error when the file is no ELF file */
export function readElfStrictly(bytes: Elf['bytes'], path: string): Elf {
  const elf = readElf(bytes)
  if (elf === null) throw new Error(`${path} is no ELF file`)
  return elf
}
