import { join, resolve } from 'node:path'
import { ConfigurationError } from '../errors.js'
import { SYMBOLIZERS } from './catalog.js'
import { isPath } from './path.js'
import type { SymbolizerPlan } from './types.js'

/** The tool's own folder: the bundle lies as deep below it as this file. */
export const TOOL_FOLDER = join(import.meta.dirname, '..', '..')

/** A module path as Go takes it: its first element is a host name (golang.org/ref/mod#go-mod-file-ident). */
const MODULE = /^[a-z0-9-]+(\.[a-z0-9-]+)+(\/[\w.~-]+)*$/i
const VERSION = /^[\w][\w.+/-]*$/

/**
 * Reads the `symbolizer` input. `ianlancetaylor`, `ianlancetaylor@latest`, `example.org/mod@v1.2.3`, `./folder`, `none`; empty for a
 * program that imports its own.
 * @param cwd where relative paths begin
 * @throws ConfigurationError
 */
export function parseSymbolizer(value: string, cwd: string): SymbolizerPlan {
  if (value === '') return { kind: 'own' }
  if (value === 'none') return { kind: 'none' }
  if (isPath(value)) {
    return { kind: 'local', directory: resolve(cwd, value) }
  }
  const at = value.indexOf('@')
  const name = at < 0 ? value : value.slice(0, at)
  const version = at < 0 ? undefined : value.slice(at + 1)
  if (version !== undefined && !VERSION.test(version)) throw unknownSymbolizer(value)
  const named = Object.hasOwn(SYMBOLIZERS, name) ? SYMBOLIZERS[name] : undefined
  if (named === undefined) {
    if (version === undefined || !MODULE.test(name)) throw unknownSymbolizer(value)
    return { kind: 'module', module: name, version, importPath: undefined }
  }
  if (named.kind === 'ours') {
    if (version === undefined) return { kind: 'local', directory: join(TOOL_FOLDER, named.folder) }
    throw new ConfigurationError(
      `symbolizer: ${value}: ${name} comes with this tool and has no other versions; write ${name}.`,
    )
  }
  return {
    kind: 'module',
    module: named.module,
    version: version ?? named.version,
    importPath: undefined,
  }
}

/** Modules that a symbolizer imports and its own go.mod leaves out, as module@version. */
export function symbolizerRequires(plan: SymbolizerPlan): readonly string[] {
  if (plan.kind !== 'module') return []
  const named = Object.values(SYMBOLIZERS).find(
    (entry) => entry.kind === 'module' && entry.module === plan.module,
  )
  return named?.kind === 'module' ? named.requires : []
}

function unknownSymbolizer(value: string): ConfigurationError {
  const names = Object.keys(SYMBOLIZERS).join(', ')
  const hint = MODULE.test(value) ? ` Give a version too, such as ${value}@latest.` : ''
  return new ConfigurationError(
    `symbolizer: ${value} is not known. Allowed are none, ${names} (those that are modules with @version if wanted), ` +
      `module@version, or a path that begins with / or ./ to a folder with a go.mod.${hint}`,
  )
}
