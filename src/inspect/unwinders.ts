import { compareVersions } from 'compare-versions'
import { callEvidence, symbolEvidence } from './evidence.js'
import type { Libc } from './libc.js'
import { ARM_LOOKUP, FIND_FDE, LOOKUPS, symbolOf } from './objects.js'
import type { ObjectFacts } from './objects.js'
import type { Evidence, Unwinder } from './schema.js'

/** An unwinder before it is known who uses it. */
export type FoundUnwinder = Omit<Unwinder, 'usedBy'>

const ENTRIES = ['_Unwind_Backtrace', '_Unwind_RaiseException'] as const

/** The unwinder that an object is or has linked in; null where none is to be seen. */
export function findUnwinder(object: ObjectFacts, libc: Libc): FoundUnwinder | null {
  const exported = ENTRIES.some((name) => symbolOf(object, name, 'exported') !== undefined)
  const shared = exported && object.interpreter === null && object.soname !== null
  const linked = [...ENTRIES, FIND_FDE].some(
    (name) => symbolOf(object, name, 'defined') !== undefined,
  )
  const kind = kindOf(object)
  if (!linked && kind !== 'nongnu-libunwind') return null
  return {
    kind,
    linkage: shared || !linked ? 'shared' : 'static',
    file: object.path,
    version: shared ? versionOf(object) : null,
    ...(kind === 'libgcc' && !shared
      ? readStaticLookup(object, libc)
      : readImportedLookup(object, kind, libc)),
  }
}

function kindOf(object: ObjectFacts): Unwinder['kind'] {
  const { soname } = object
  // nongnu's carry the version 8, LLVM's the version 1.
  if (/^libunwind(-\w+)?\.so\.8$/.test(soname ?? '')) return 'nongnu-libunwind'
  const own = (name: string): boolean => symbolOf(object, name, 'defined') !== undefined
  if (own('_ULx86_64_init_local') || own('_ULaarch64_init_local')) return 'nongnu-libunwind'
  if (soname === 'libunwind.so.1' || own('__unw_getcontext')) return 'llvm-libunwind'
  return 'libgcc'
}

/** `GCC: (Debian 10.2.1-6) 10.2.1 20210110` → `10.2.1-6`; null when several compilers left their name. */
function versionOf({ compilers }: ObjectFacts): string | null {
  const [only, ...others] = compilers
  if (only === undefined || others.length > 0) return null
  return (
    /^GCC: \((?:Debian|Ubuntu) ([^)]+)\)/.exec(only)?.[1] ?? /(\d+\.[\d.]+)/.exec(only)?.[1] ?? null
  )
}

interface LookupFinding {
  readonly lookup: Unwinder['lookup']
  readonly evidence: Evidence[]
}

/** glibc 2.35 brought `_dl_find_object` (commit 5d28a8962d); for 32-bit ARM's tables libc uses it since 2.40 (f4c142bb9f). */
const FIND_OBJECT_SINCE = '2.35'
const ARM_FIND_OBJECT_SINCE = '2.40'

/** A shared unwinder, by its imports. libgcc_s has the one or the other; LLVM's asks at run time whether libc has the new one. */
function readImportedLookup(
  object: ObjectFacts,
  kind: Unwinder['kind'],
  libc: Libc,
): LookupFinding {
  const [old, modern] = LOOKUPS.map((name) => symbolOf(object, name, 'imported'))
  const arm = symbolOf(object, ARM_LOOKUP, 'imported')
  if (arm !== undefined) return armLookup(object, arm, libc)
  if (modern !== undefined && kind === 'libgcc')
    return { lookup: '_dl_find_object', evidence: [symbolEvidence(object, modern)] }
  if (modern !== undefined && kind === 'llvm-libunwind') {
    const evidence = [symbolEvidence(object, modern)]
    if (libc.kind !== 'glibc' || libc.version === null) return { lookup: 'unknown', evidence }
    const has = compareVersions(libc.version, FIND_OBJECT_SINCE) >= 0
    return { lookup: has ? '_dl_find_object' : 'dl_iterate_phdr', evidence }
  }
  if (old !== undefined)
    return { lookup: 'dl_iterate_phdr', evidence: [symbolEvidence(object, old)] }
  return { lookup: 'unknown', evidence: [] }
}

function armLookup(
  object: ObjectFacts,
  symbol: Parameters<typeof symbolEvidence>[1],
  libc: Libc,
): LookupFinding {
  const evidence = [symbolEvidence(object, symbol)]
  if (libc.kind !== 'glibc' || libc.version === null) return { lookup: 'unknown', evidence }
  const has = compareVersions(libc.version, ARM_FIND_OBJECT_SINCE) >= 0
  return { lookup: has ? '_dl_find_object' : 'dl_iterate_phdr', evidence }
}

/**
 * libgcc linked in. That the program imports a lookup proves nothing, since libbacktrace calls `dl_iterate_phdr` too: what
 * libgcc's own function calls decides. Where its code can't be read, it still can't call what the whole program has not.
 */
function readStaticLookup(object: ObjectFacts, libc: Libc): LookupFinding {
  for (const callee of LOOKUPS) {
    const [call] = object.lookups[callee]
    if (call === undefined) continue
    return {
      lookup: callee,
      evidence: [callEvidence(object, call, { caller: FIND_FDE, callee })],
    }
  }
  const present = LOOKUPS.flatMap((name) => {
    const symbol = symbolOf(object, name, 'imported') ?? symbolOf(object, name, 'defined')
    return symbol === undefined ? [] : [{ name, symbol }]
  })
  const [only, other] = present
  if (only === undefined || other !== undefined) return readImportedArm(object, libc)
  const finder = symbolOf(object, FIND_FDE, 'defined')
  return {
    lookup: only.name,
    evidence: [finder, only.symbol].flatMap((symbol) =>
      symbol === undefined ? [] : symbolEvidence(object, symbol),
    ),
  }
}

function readImportedArm(object: ObjectFacts, libc: Libc): LookupFinding {
  const arm = symbolOf(object, ARM_LOOKUP, 'imported') ?? symbolOf(object, ARM_LOOKUP, 'defined')
  return arm === undefined ? { lookup: 'unknown', evidence: [] } : armLookup(object, arm, libc)
}

/** Who answers a call of `name` from one object. */
export type Binding =
  | { readonly kind: 'none' }
  /** It is called, and nobody that was found has it */
  | { readonly kind: 'missing'; readonly evidence: Evidence }
  | { readonly kind: 'object'; readonly object: ObjectFacts; readonly evidence: Evidence }

/** As ld.so binds it: an object's own function, else the first in load order that exports one of the name. */
export function bind(objects: readonly ObjectFacts[], from: ObjectFacts, name: string): Binding {
  const own = symbolOf(from, name, 'defined')
  if (own !== undefined)
    return { kind: 'object', object: from, evidence: symbolEvidence(from, own) }
  const wanted = symbolOf(from, name, 'imported')
  if (wanted === undefined) return { kind: 'none' }
  const evidence = symbolEvidence(from, wanted)
  const object = objects.find((each) => symbolOf(each, name, 'exported') !== undefined)
  return object === undefined ? { kind: 'missing', evidence } : { kind: 'object', object, evidence }
}
