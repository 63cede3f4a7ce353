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
 * @param tailBytes kept from the end; memory used is at most head + tail, whatever passes through
 */
export function makeRing(headBytes: number, tailBytes: number): Ring {
  const head: Uint8Array[] = []
  let headUsed = 0
  /** Written round and round; there from the first byte that does not fit into the head */
  let tail: Buffer | undefined
  let tailSeen = 0
  let seen = 0

  function addToTail(chunk: Uint8Array): void {
    tail ??= Buffer.alloc(tailBytes)
    const kept = chunk.subarray(Math.max(0, chunk.length - tailBytes))
    tailSeen += chunk.length - kept.length
    const at = tailSeen % tailBytes
    const room = tailBytes - at
    tail.set(kept.subarray(0, room), at)
    tail.set(kept.subarray(room), 0)
    tailSeen += kept.length
  }

  function keptTail(): Buffer {
    if (tail === undefined) return Buffer.alloc(0)
    if (tailSeen <= tailBytes) return tail.subarray(0, tailSeen)
    const at = tailSeen % tailBytes
    return Buffer.concat([tail.subarray(at), tail.subarray(0, at)])
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
    truncated: () => tailSeen > tailBytes,
    text() {
      const end = keptTail()
      const lost = seen - headUsed - end.length
      const gap = lost > 0 ? `\n[… ${lost} bytes left out …]\n` : ''
      return Buffer.concat(head).toString('utf8') + gap + end.toString('utf8')
    },
  }
}
