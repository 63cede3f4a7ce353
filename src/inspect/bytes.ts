/** Random access to a file's bytes. Reads beyond its end come back short; nothing is read that nobody asked for. */
export interface Bytes {
  readonly size: number
  read(offset: number, length: number): Buffer
}

/** Numbers at byte offsets of a buffer, in a file's own byte order and word size. Beyond the end they are 0. */
export interface Fields {
  u8(at: number): number
  u16(at: number): number
  u32(at: number): number
  /** 4 or 8 bytes. Above 2^53 inexact, which no address of a user's program is */
  word(at: number): number
}

export function readFields(data: Buffer, little: boolean, wordBytes: 4 | 8): Fields {
  const has = (at: number, bytes: number): boolean => at >= 0 && at + bytes <= data.length
  const u32 = (at: number): number => {
    if (!has(at, 4)) return 0
    return little ? data.readUInt32LE(at) : data.readUInt32BE(at)
  }
  const u64 = (at: number): number => {
    const [low, high] = little ? [u32(at), u32(at + 4)] : [u32(at + 4), u32(at)]
    return high * 2 ** 32 + low
  }
  return {
    u8: (at) => (has(at, 1) ? data.readUInt8(at) : 0),
    u16: (at) => {
      if (!has(at, 2)) return 0
      return little ? data.readUInt16LE(at) : data.readUInt16BE(at)
    },
    u32,
    word: wordBytes === 8 ? u64 : u32,
  }
}

/** The text at an offset up to the next NUL. */
export function textAt(data: Buffer, offset: number): string {
  const end = data.indexOf(0, offset)
  return data.toString('latin1', offset, end < 0 ? data.length : end)
}

const CHUNK_BYTES = 8 * 1024 * 1024

/**
 * Where a text occurs in part of a file, read piece by piece.
 * @returns its offset in the file, or null
 */
export function findText(
  bytes: Bytes,
  part: { readonly offset: number; readonly size: number },
  text: string,
): number | null {
  const wanted = Buffer.from(text, 'latin1')
  const end = Math.min(part.offset + part.size, bytes.size)
  for (let at = part.offset; at < end; at += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES + wanted.length - 1, end - at)
    const found = bytes.read(at, length).indexOf(wanted)
    if (found >= 0) return at + found
  }
  return null
}
