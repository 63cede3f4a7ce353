import type { Call } from './calls.js'
import type { ObjectFacts } from './objects.js'
import type { Evidence } from './schema.js'
import type { ElfSymbol } from './symbols.js'

export function hex(value: number): string {
  return `0x${value.toString(16)}`
}

/** A symbol's entry: `.dynsym entry 12 at file offset 0x4a0`, `dl_iterate_phdr, imported`. */
export function symbolEvidence({ path }: Pick<ObjectFacts, 'path'>, symbol: ElfSymbol): Evidence {
  return {
    file: path,
    where: `${symbol.table} entry ${symbol.index} at file offset ${hex(symbol.offset)}`,
    value: `${symbol.name}, ${symbol.imported ? 'imported' : `defined at ${hex(symbol.address)}`}`,
  }
}

/** A call in the code. */
export function callEvidence(
  { path }: Pick<ObjectFacts, 'path'>,
  call: Call,
  names: { readonly caller: string; readonly callee: string },
): Evidence {
  return {
    file: path,
    where: `${names.caller}, instruction at ${hex(call.address)}, file offset ${hex(call.offset)}`,
    value: `calls ${names.callee}`,
  }
}
