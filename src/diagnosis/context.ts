import type { BuiltToolchain } from '../toolchain/types.js'
import type { Suspicion } from '../watch/types.js'

/** What the rules may use beside the dump. Everything is optional: a posted dump comes with nothing. */
export interface DiagnosisContext {
  /** Totals of the program's counters over the whole run; null or absent where it has none */
  readonly counts?: {
    readonly throws: number | null
    readonly signals: number | null
    readonly unwinds: number | null
  } | null
  /** Why the dump was taken, when the watch asked for it */
  readonly suspicion?: Suspicion | null
  /** What was really built, for the advice and for what the unwinder can do */
  readonly toolchain?: BuiltToolchain | null
  /** Thread ids of the process that forked this one, when known */
  readonly parentLwps?: readonly number[]
}
