import type { Unwinder } from './schema.js'
import type { FoundSymbolizer } from './symbolizers.js'

const KINDS = {
  libgcc: 'libgcc',
  'llvm-libunwind': 'LLVM’s libunwind',
  'nongnu-libunwind': 'nongnu libunwind',
} as const

/** `the shared libgcc 10.2.1-6`, `a statically linked libgcc`. */
export function describeUnwinder(unwinder: Pick<Unwinder, 'kind' | 'linkage' | 'version'>): string {
  const name = `${KINDS[unwinder.kind]}${unwinder.version === null ? '' : ` ${unwinder.version}`}`
  return unwinder.linkage === 'shared' ? `the shared ${name}` : `a statically linked ${name}`
}

/** How an unwinder finds frames, as a sentence. */
export function lookupText(
  unwinder: Pick<Unwinder, 'kind' | 'linkage' | 'version' | 'lookup'>,
): string {
  const name = describeUnwinder(unwinder)
  const subject = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  switch (unwinder.lookup) {
    case '_dl_find_object':
      return `${subject} finds frames with _dl_find_object, which takes no lock.`
    case 'dl_iterate_phdr':
      return `${subject} finds frames with dl_iterate_phdr, which takes the loader’s lock.`
    case 'unknown':
      return `${subject}: neither dl_iterate_phdr nor _dl_find_object could be tied to it.`
  }
}

/** `example.org/a v1.2.0, replaced by example.org/b v1.3.0`. */
export function symbolizerName(symbolizer: FoundSymbolizer | null): string {
  if (symbolizer === null) return 'one that is not known to this tool'
  const { module, version, replacedBy } = symbolizer.record
  const instead =
    replacedBy === null
      ? ''
      : `, replaced by ${`${replacedBy.module} ${replacedBy.version}`.trim()}`
  return `${module} ${version}${instead}`
}
