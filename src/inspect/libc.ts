import { findText } from './bytes.js'
import type { Bytes } from './bytes.js'

/** The C library that a program runs with. */
export interface Libc {
  readonly kind: 'glibc' | 'musl' | 'unknown'
  readonly version: string | null
  readonly file: string | null
  /** Where the version stands in the file */
  readonly offset: number | null
}

export const NO_LIBC: Libc = { kind: 'unknown', version: null, file: null, offset: null }

const BANNER = 'GNU C Library'
const BANNER_BYTES = 256

/** `GNU C Library (Debian GLIBC 2.31-13+deb11u11) stable release version 2.31.` in libc.so.6 (glibc: csu/version.c). */
export function readGlibc(bytes: Bytes, file: string): Libc {
  const offset = findText(bytes, { offset: 0, size: bytes.size }, BANNER)
  const text = offset === null ? '' : bytes.read(offset, BANNER_BYTES).toString('latin1')
  const version = /release version (\d+\.\d+)/.exec(text)?.[1] ?? null
  return { kind: 'glibc', version, file, offset }
}

/** musl prints `musl libc (ARCH)\nVersion %s`; its version stands among the strings before that (musl: ldso/dynlink.c). */
export function readMusl(bytes: Bytes, file: string): Libc {
  const data = bytes.read(0, 4 * 1024 * 1024)
  const text = data.toString('latin1')
  const found = /\0(\d\.\d\.\d{1,2})(?:-git[\w-]*|_alpine[\w-]*)?\0/.exec(text)
  return {
    kind: 'musl',
    version: found?.[1] ?? null,
    file,
    offset: found === null ? null : found.index + 1,
  }
}
