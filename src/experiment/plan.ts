import type { Expect } from '../result/schema.js'
import type { ToolchainPlan } from '../toolchain/types.js'

/** What is run: a toolchain to build the program with, or an image of the user's own. */
export type Subject =
  | { readonly kind: 'build'; readonly toolchain: ToolchainPlan }
  | { readonly kind: 'image'; readonly image: string }

/** One cell, fully decided: what to run, for how long, what to expect, where to write. */
export interface RunPlan {
  /** Run id: names its containers and its folder */
  readonly id: string
  readonly subject: Subject
  /** Arguments for the built program, or the command for the user's image */
  readonly command: readonly string[]
  readonly runOptions: readonly string[]
  readonly experiment: 'natural' | 'sweep' | 'both'
  /** What a sweep sends where; see Inputs */
  readonly sweepSignals: readonly number[]
  readonly sweepFunction: string
  readonly sweepMap: boolean
  readonly durationMs: number
  readonly stallTimeoutMs: number
  readonly expect: Expect
  readonly gdbCommands: readonly string[]
  readonly imageRegistry: string | undefined
  readonly aptMirror: string | undefined
  /** Absolute folder for everything that this run leaves behind */
  readonly folder: string
  /** Inputs as given or defaulted, by their kebab-case names, for the record */
  readonly asked: Readonly<Record<string, string>>
}
