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
 * Joins whole pieces so that their UTF-8 text stays within a limit. Each is kept if it still fits when its turn comes:
 * pieces of the lowest rank first, of the same rank those that come first. If one is left out, `note` closes the text.
 *
 * @param maxBytes the note included; when not even the note fits the text is empty
 */
export function fit(chunks: readonly Chunk[], note: string, maxBytes: number): Fitted {
  const whole = join(chunks)
  if (Buffer.byteLength(whole) <= maxBytes) return { text: whole, cut: false }
  const kept = new Set<Chunk>()
  let room = maxBytes - Buffer.byteLength(join([{ text: note, rank: 0 }]))
  if (room < 0) return { text: '', cut: true }
  for (const chunk of chunks.toSorted((a, b) => a.rank - b.rank)) {
    const bytes = Buffer.byteLength(chunk.text) + BETWEEN.length
    if (bytes > room) continue
    room -= bytes
    kept.add(chunk)
  }
  const text = join([...chunks.filter((chunk) => kept.has(chunk)), { text: note, rank: 0 }])
  return { text, cut: true }
}

function join(chunks: readonly Chunk[]): string {
  return chunks.map((chunk) => chunk.text.trimEnd()).join(BETWEEN) + '\n'
}
