import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { toolchainRequest } from '../inputs/inputs.js'
import type { Inputs } from '../inputs/inputs.js'
import type { Expect } from '../result/schema.js'
import { resolveToolchain } from '../toolchain/resolve.js'
import type { BuiltToolchain, ToolchainPlan } from '../toolchain/types.js'
import type { CellDeps } from './deps.js'
import type { Guard } from './guard.js'
import { findOtherSide } from './other-side.js'
import type { OtherSide } from './other-side.js'

/** What is run: a toolchain to build the program with, or an image of the user's own. */
export type Subject =
  | { readonly kind: 'build'; readonly toolchain: ToolchainPlan }
  | { readonly kind: 'image'; readonly image: string }

/** True for our own program, which has options, counters and a look at tracebacks that no other has. */
export function isBuiltIn(subject: Subject): boolean {
  return subject.kind === 'build' && subject.toolchain.program === undefined
}

/** One cell, fully decided: what to run, for how long, what to expect, where to write. */
export interface RunPlan {
  /** Run id: names its containers and its folder */
  readonly id: string
  readonly subject: Subject
  /** Arguments for the built program, or the command for the user's image */
  readonly command: readonly string[]
  readonly runOptions: readonly string[]
  /** A workaround that the program is to run with */
  readonly mitigation: 'none' | 'guard'
  readonly experiment: 'natural' | 'sweep' | 'both'
  /** What a sweep sends where; see Inputs */
  readonly sweepSignals: readonly number[]
  readonly sweepFunction: string
  readonly sweepMap: boolean
  /** What the symbolizer is compared with; null: it is not */
  readonly compareTo: OtherSide | null
  /** First see whether the toolchain that is known to hang does */
  readonly selfCheck: boolean
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

/** The same once there is an image of it. */
export interface ReadyPlan extends RunPlan {
  readonly image: string
  readonly toolsImage: string
  readonly toolchain: BuiltToolchain | null
  /** Null where no guard is to be at work */
  readonly guard: Guard | null
}

/**
 * Decides everything about a run before anything is started.
 * @param folder where results go; the run gets a folder of its own in it
 * @param cwd where relative paths in the inputs begin
 * @throws ConfigurationError for what can't be had
 */
export async function planCell(
  inputs: Inputs,
  asked: Readonly<Record<string, string>>,
  place: { readonly folder: string; readonly cwd: string },
  deps: CellDeps,
): Promise<RunPlan> {
  const id = randomBytes(5).toString('hex')
  return {
    id,
    subject:
      inputs.image === undefined
        ? {
            kind: 'build',
            toolchain: await resolveToolchain(toolchainRequest(inputs), {
              ...deps,
              cwd: place.cwd,
            }),
          }
        : { kind: 'image', image: inputs.image },
    command: inputs.command,
    runOptions: inputs.runOptions,
    mitigation: inputs.mitigation,
    experiment: inputs.experiment,
    sweepSignals: inputs.sweepSignals,
    sweepFunction: inputs.sweepFunction,
    sweepMap: inputs.sweepMap || inputs.compareTo !== undefined,
    compareTo:
      inputs.compareTo === undefined
        ? null
        : await findOtherSide(inputs.compareTo, inputs.symbolizer, place.cwd, deps),
    selfCheck: inputs.selfCheck,
    durationMs: inputs.duration,
    stallTimeoutMs: inputs.stallTimeout,
    expect: inputs.expect,
    gdbCommands: inputs.gdbCommands,
    imageRegistry: inputs.imageRegistry,
    aptMirror: inputs.aptMirror,
    folder: join(place.folder, id),
    asked,
  }
}
