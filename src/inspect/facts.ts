import type { GoProgram } from './go.js'
import type { Libc } from './libc.js'
import type { ObjectFacts } from './objects.js'
import type { Evidence } from './schema.js'
import type { Binding, FoundUnwinder } from './unwinders.js'

/** A function of Go's library and where its name stands among those that were linked. */
export interface GoFunction {
  readonly name: string
  readonly evidence: Evidence
}

export interface GoFacts extends GoProgram {
  readonly buildInfo: Evidence | null
  /** runtime.SetCgoTraceback; null: not linked, undefined: there is no table to tell */
  readonly traceback: GoFunction | null | undefined
  readonly profilers: readonly GoFunction[]
}

/** Everything that a verdict rests on. */
export interface ProgramFacts {
  readonly program: ObjectFacts
  readonly architecture: string
  readonly go: GoFacts | null
  readonly libc: Libc
  readonly unwinders: readonly FoundUnwinder[]
  /** Who answers the program's own `_Unwind_Backtrace` */
  readonly handler: Binding
  /** Who answers those that raise exceptions; empty: nobody does, as far as can be seen */
  readonly throws: readonly Binding[]
  readonly missing: readonly string[]
  /** The root is that of the machine it will run on */
  readonly complete: boolean
}
