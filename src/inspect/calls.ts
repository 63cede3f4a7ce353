import { findSection, offsetOf, sectionBytes } from './elf.js'
import type { Elf } from './elf.js'
import { findRelocations } from './symbols.js'
import type { ElfSymbol } from './symbols.js'

/** A call that stands in a function's code. */
export interface Call {
  /** The instruction's address before the program is moved */
  readonly address: number
  /** Its offset in the file */
  readonly offset: number
}

const EM_X86_64 = 62
const FUNCTION_BYTES_MAX = 1024 * 1024

/** Only here are calls looked for in the code. */
export function canFindCalls(elf: Elf): boolean {
  return elf.machine === EM_X86_64
}

/**
 * Calls of (or jumps to) `callee` in the code of `functions`, on amd64: direct ones (E8, E9), by way of the linker's stubs
 * or through the place that ld.so fills in (FF /2, FF /4). The code is searched byte by byte, not decoded: that four bytes
 * of something else should point exactly at the callee does not happen by chance.
 */
export function findCalls(
  elf: Elf,
  functions: readonly ElfSymbol[],
  callee: readonly ElfSymbol[],
): Call[] {
  if (!canFindCalls(elf)) return []
  const imports = new Set(
    callee
      .filter((symbol) => symbol.imported && symbol.table === '.dynsym')
      .map(({ index }) => index),
  )
  const slots = new Set(
    imports.size === 0
      ? []
      : findRelocations(elf, (_, symbol) => imports.has(symbol)).map(({ address }) => address),
  )
  const targets = new Set([
    ...callee.filter(({ imported }) => !imported).map(({ address }) => address),
    ...findStubs(elf, slots),
  ])
  return functions.flatMap((symbol) => {
    const offset = offsetOf(elf, symbol.address)
    if (symbol.imported || offset === null) return []
    const code = elf.bytes.read(offset, Math.min(symbol.size, FUNCTION_BYTES_MAX))
    return branches(code, symbol.address)
      .filter(({ to, indirect }) => (indirect ? slots : targets).has(to))
      .map(({ from }) => ({ address: from, offset: offset + (from - symbol.address) }))
  })
}

interface Branch {
  readonly from: number
  readonly to: number
  /** `to` is the place that holds the address */
  readonly indirect: boolean
}

function branches(code: Buffer, address: number): Branch[] {
  const found: Branch[] = []
  for (let at = 0; at + 5 <= code.length; at += 1) {
    const byte = code[at]
    if (byte === 0xe8 || byte === 0xe9) {
      const to = address + at + 5 + code.readInt32LE(at + 1)
      found.push({ from: address + at, to, indirect: false })
    }
    const next = code[at + 1]
    if (byte === 0xff && (next === 0x15 || next === 0x25) && at + 6 <= code.length) {
      const to = address + at + 6 + code.readInt32LE(at + 2)
      found.push({ from: address + at, to, indirect: true })
    }
  }
  return found
}

/** Starts of the stubs that jump through one of these places. A section says how long each of its stubs is. */
function findStubs(elf: Elf, slots: ReadonlySet<number>): number[] {
  return ['.plt', '.plt.sec', '.plt.got'].flatMap((name) => {
    const section = findSection(elf, name)
    if (section === undefined) return []
    const entryBytes = section.entrySize === 0 ? 16 : section.entrySize
    return branches(sectionBytes(elf, section), section.address)
      .filter(({ to, indirect }) => indirect && slots.has(to))
      .map(({ from }) => from - ((from - section.address) % entryBytes))
  })
}
