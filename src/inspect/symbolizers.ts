import { SYMBOLIZERS } from '../toolchain/catalog.js'
import type { GoProgram } from './go.js'
import type { Inspection } from './schema.js'

/** A symbolizer of the catalog among a program's modules. */
export interface FoundSymbolizer {
  readonly record: NonNullable<NonNullable<Inspection['go']>['symbolizer']>
  /** It walks the stack by tables of its own (nsrip-dd/cgotraceback: measured at 4171d15) */
  readonly ownWalker: boolean
}

/** The module whose code it is, which a replacement by a folder hides. */
export function findSymbolizer({ modules }: Pick<GoProgram, 'modules'>): FoundSymbolizer | null {
  const known = Object.values(SYMBOLIZERS).flatMap((named) =>
    named.kind === 'module' ? [named.module] : [],
  )
  const own = SYMBOLIZERS['nsrip-dd']
  for (const { path, version, replacedBy } of modules) {
    const source = replacedBy?.path ?? path
    if (!known.includes(path) && !known.includes(source)) continue
    return {
      record: {
        ...{ module: path, version },
        replacedBy:
          replacedBy === null ? null : { module: replacedBy.path, version: replacedBy.version },
      },
      ownWalker: own?.kind === 'module' && source === own.module,
    }
  }
  return null
}
