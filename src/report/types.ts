import type { StoppedProcess } from '../gdb/types.js'
import type { Result } from '../result/schema.js'

/** Text of the evidence files, perhaps cut, an empty string for what does not exist. All of it may be hostile. */
export interface EvidenceTexts {
  /** threads.txt: every thread's stack */
  readonly threads: string
  /** The same with local variables */
  readonly threadsFull: string
  /** output.log */
  readonly output: string
  /** goroutines.txt */
  readonly goroutines: string
  /** build.log */
  readonly build: string
  /** gdb.log */
  readonly gdb: string
}

export const NO_EVIDENCE_TEXTS: EvidenceTexts = {
  threads: '',
  threadsFull: '',
  output: '',
  goroutines: '',
  build: '',
  gdb: '',
}

/** What a report is made of. */
export interface ReportMaterial {
  readonly result: Result
  readonly texts: EvidenceTexts
  /** The dump as parsed; null when there is none. Stacks are then shown as far as the diagnosis names frames */
  readonly process: StoppedProcess | null
}
