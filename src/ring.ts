/** Keeps the head and the tail of a byte stream within a bound, and says how much fell out between them. */
export interface Ring {
  add(chunk: Uint8Array): void
  /** Bytes seen in all. */
  total(): number
  /** True when bytes fell out. */
  truncated(): boolean
  text(): string
}

/**
 * @param headBytes kept from the beginning
 * @param tailBytes kept from the end; memory used is at most head + 2 × tail
 */
export function makeRing(headBytes: number, tailBytes: number): Ring {
  const head: Uint8Array[] = []
  let headUsed = 0
  let tail: Uint8Array[] = []
  let tailUsed = 0
  let seen = 0

  function addToTail(chunk: Uint8Array): void {
    const kept = chunk.length > tailBytes ? chunk.subarray(chunk.length - tailBytes) : chunk
    tail.push(Uint8Array.from(kept))
    tailUsed += kept.length
    if (tailUsed > 2 * tailBytes) {
      const joined = Buffer.concat(tail)
      tail = [Uint8Array.from(joined.subarray(joined.length - tailBytes))]
      tailUsed = tailBytes
    }
  }

  function keptTail(): Buffer {
    const joined = Buffer.concat(tail)
    return joined.subarray(Math.max(0, joined.length - tailBytes))
  }

  return {
    add(chunk) {
      seen += chunk.length
      const room = headBytes - headUsed
      if (room > 0) {
        head.push(Uint8Array.from(chunk.subarray(0, room)))
        headUsed += Math.min(room, chunk.length)
      }
      if (chunk.length > room) addToTail(chunk.subarray(Math.max(0, room)))
    },
    total: () => seen,
    truncated: () => seen > headUsed + keptTail().length,
    text() {
      const end = keptTail()
      const lost = seen - headUsed - end.length
      const gap = lost > 0 ? `\n[… ${lost} bytes left out …]\n` : ''
      return Buffer.concat(head).toString('utf8') + gap + end.toString('utf8')
    },
  }
}
