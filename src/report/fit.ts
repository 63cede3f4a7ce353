/** A piece of a document: shown in document order, kept by rank, the lowest first. */
export interface Chunk {
  readonly text: string
  readonly rank: number
}

export interface Fitted {
  readonly text: string
  /** True when a piece was left out */
  readonly cut: boolean
}

const BETWEEN = '\n\n'

/**
 * Joins whole pieces so that their UTF-8 text stays within a limit. Pieces of the lowest rank are taken first; of
 * the same rank those that come first. When one does not fit, it and all after it in that order are left out, and `note`
 * closes the text.
 *
 * @param maxBytes the note included; when not even the note fits the text is empty
 */
export function fit(chunks: readonly Chunk[], note: string, maxBytes: number): Fitted {
  const whole = join(chunks)
  if (Buffer.byteLength(whole) <= maxBytes) return { text: whole, cut: false }
  const order = chunks.map((chunk, index) => ({ chunk, index }))
  order.sort((a, b) => a.chunk.rank - b.chunk.rank || a.index - b.index)
  const kept = new Set<Chunk>()
  let room = maxBytes - Buffer.byteLength(note)
  for (const { chunk } of order) {
    room -= Buffer.byteLength(chunk.text) + BETWEEN.length
    if (room < 0) break
    kept.add(chunk)
  }
  const text = join([...chunks.filter((chunk) => kept.has(chunk)), { text: note, rank: 0 }])
  return { text: Buffer.byteLength(text) <= maxBytes ? text : '', cut: true }
}

function join(chunks: readonly Chunk[]): string {
  return chunks.map((chunk) => chunk.text.trimEnd()).join(BETWEEN) + '\n'
}
