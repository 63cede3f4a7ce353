import type { BuiltToolchain } from '../toolchain/types.js'

/**
 * Reads what the build wrote down in its images: lines of a name and a value.
 * @param reproducer text of the reproducer's facts, e.g. `glibc 2.31\nlinkage shared\n`
 * @param tools text of the tools' facts, e.g. `gdb GNU gdb (Debian 16.3-1) 16.3\n`
 */
export function parseFacts(
  reproducer: string,
  tools: string,
  kernel: string | null,
): BuiltToolchain {
  const facts = readLines(reproducer)
  const first = (name: string): string | null => facts.get(name)?.[0] ?? null
  const go = facts.get('go') ?? []
  return {
    go: /\bgo(1\.[\w.]+)/.exec(go[0] ?? '')?.[1] ?? null,
    glibc: first('glibc'),
    gcc: first('gcc'),
    unwinder: readUnwinder(facts),
    libstdcxx: first('linkage') === 'static' ? first('gcc') : first('libstdcxx'),
    symbolizer:
      readSymbolizer(go, first('symbolizer')) ?? readOwnSymbolizer(go, first('symbolizer-package')),
    distribution: first('distribution'),
    architecture: first('architecture'),
    kernel,
    gdb: parseGdb(tools),
  }
}

/** gdb's version in the tools' facts: `gdb GNU gdb (Debian 16.3-1) 16.3` → `16.3`. */
export function parseGdb(tools: string): string | null {
  return /(\d+(\.\d+)+)\S*\s*$/.exec(readLines(tools).get('gdb')?.[0] ?? '')?.[1] ?? null
}

type Facts = ReadonlyMap<string, readonly string[]>

function readLines(text: string): Facts {
  const facts = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, name, value] = /^([\w-]+) (.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined || value.trim() === '') continue
    facts.set(name, [...(facts.get(name) ?? []), value])
  }
  return facts
}

/** `g++-10 (Debian 10.2.1-6) 10.2.1 20210110` → `10.2.1-6`. */
function compilerPackage(line: string | undefined): string | undefined {
  return /\((?:Debian|Ubuntu) ([^)]+)\)/.exec(line ?? '')?.[1]
}

/** A shared unwinder is the base's libgcc_s, a static one the compiler's libgcc_eh.a. */
function readUnwinder(facts: Facts): BuiltToolchain['unwinder'] {
  const linkage = facts.get('linkage')?.[0]
  if (linkage === 'static') {
    return {
      linkage,
      version: compilerPackage(facts.get('compiler')?.[0]) ?? facts.get('gcc')?.[0] ?? null,
      lookup: readLookup(facts.get('libgcc-eh-import')),
    }
  }
  // A program of the user's own need not use any.
  if (linkage !== 'shared') return { linkage: 'unknown', version: null, lookup: 'unknown' }
  return {
    linkage,
    version: facts.get('libgcc')?.[0] ?? null,
    lookup: readLookup(facts.get('libgcc-import')),
  }
}

/** libgcc built against glibc 2.35 or newer imports `_dl_find_object` and never falls back (gcc: libgcc/unwind-dw2-fde-dip.c). */
function readLookup(imports: readonly string[] | undefined): BuiltToolchain['unwinder']['lookup'] {
  if (imports?.includes('_dl_find_object') === true) return '_dl_find_object'
  if (imports?.includes('dl_iterate_phdr') === true) return 'dl_iterate_phdr'
  return 'unknown'
}

/**
 * `go version -m` lists each module as `dep PATH VERSION SUM`, and what replaces it as `=> PATH VERSION SUM` below; `wanted` is what the
 * build was told: `PATH MODULE VERSION`, or `PATH local` for a folder. Go before 1.13 keeps no list, so there the build's word must do.
 */
function readSymbolizer(
  lines: readonly string[],
  wanted: string | null,
): BuiltToolchain['symbolizer'] {
  const [path = '', source = '', wantedVersion = source] = (wanted ?? '').split(' ')
  const fields = lines.map((line) => line.trim().split(/\s+/))
  if (wanted !== null && !fields.some(([kind]) => kind === 'path')) {
    return { module: source === 'local' ? path : source, version: wantedVersion }
  }
  const at = fields.findIndex(([kind, module]) => kind === 'dep' && module === path)
  const [, module, version] = fields[at] ?? []
  if (module === undefined || version === undefined) return null
  const next = fields[at + 1]
  if (next?.[0] !== '=>') return { module, version }
  const [, replacement = module, replacedVersion = ''] = next
  return replacement.startsWith('/')
    ? { module, version: 'local' }
    : { module: replacement, version: replacedVersion }
}

/** The module of the package that sets a symbolizer, in a program that brings its own: the longest path that leads to it. */
function readOwnSymbolizer(
  lines: readonly string[],
  package_: string | null,
): BuiltToolchain['symbolizer'] {
  if (package_ === null) return null
  const fields = lines.map((line) => line.trim().split(/\s+/))
  const modules = fields
    .filter(([kind, path]) => (kind === 'dep' || kind === 'mod') && path !== undefined)
    .filter(([, path = '']) => `${package_}/`.startsWith(`${path}/`))
    .toSorted(([, one = ''], [, other = '']) => other.length - one.length)
  const [nearest] = modules
  if (nearest?.[0] === 'dep') return readSymbolizer(lines, nearest.slice(1, 3).join(' '))
  return { module: package_, version: 'local' }
}
