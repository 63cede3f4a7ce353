/** Memory around a futex word, as the dump gives it. */
export interface MemoryWindow {
  /** The futex word */
  readonly address: string
  /** Address of the first byte; null when nothing could be read */
  readonly start: string | null
  readonly bytes: Uint8Array
  /** Nearest symbol of the word, e.g. `_rtld_global+2352` */
  readonly symbol: string | null
  readonly library: string | null
}

/** Reads an unsigned 32-bit word at an offset; null outside of what was dumped. */
export type ReadWord = (offset: number) => number | null

/** Reads words at offsets from an address. */
export function memoryReader(address: string, window: MemoryWindow | null): ReadWord {
  if (window === null || window.start === null) return () => null
  const { start, bytes } = window
  const base = Number(BigInt(address) - BigInt(start))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return (offset) => {
    const at = base + offset
    return at >= 0 && at + 4 <= bytes.byteLength ? view.getUint32(at, true) : null
  }
}
