import type { Wait } from './types.js'

/**
 * The lock object that a futex word lies in. Readers of a rwlock wait for `__wrphase_futex` (+8, values 2 and 3) or,
 * where writers are preferred, `__readers` (+0); writers for `__wrphase_futex` or `__writers_futex` (+12). A condition
 * variable has two words, at +40 and +44 up to glibc 2.40, at +32 and +36 since. A barrier's is `current_round` (+4).
 * Objects are 8-byte aligned.
 */
export function lockAddress(
  kind: Wait['kind'],
  futex: { word: string; value: number },
  libcMinor: number | null,
): { address: string; guessed: boolean } {
  const word = BigInt(futex.word)
  const odd = word % 8n === 4n
  const at = (offset: bigint, guessed = false): { address: string; guessed: boolean } => ({
    address: `0x${(word > offset ? word - offset : word).toString(16)}`,
    guessed,
  })
  if (kind === 'condvar') {
    const base = libcMinor !== null && libcMinor >= 41 ? 32n : 40n
    return at(base + (odd ? 4n : 0n), libcMinor === null)
  }
  if (kind === 'rwlock-read') return futex.value === 2 || futex.value === 3 ? at(8n) : at(0n, true)
  if (kind === 'rwlock-write') return at(odd ? 12n : 8n)
  if (kind === 'barrier') return at(odd ? 4n : 0n)
  return at(0n)
}
