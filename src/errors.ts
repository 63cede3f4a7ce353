/**
 * The user's fault: a bad input, an impossible combination, a missing tool. The message names the input, the value
 * given, what is allowed and what to do next. Shown without a stack trace.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/** How a command ended badly. `stderrTail` is bounded in total, not per chunk. */
export interface CommandFailure {
  readonly command: string
  readonly args: readonly string[]
  readonly exitCode: number | undefined
  readonly timedOut: boolean
  readonly stderrTail: string
}

/** A tool that we started (docker, gdb, mmdebstrap) failed. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly failure: CommandFailure

  constructor(message: string, failure: CommandFailure, options?: ErrorOptions) {
    super(message, options)
    this.failure = failure
  }
}

/** The user or the runner cancelled before there was anything to report. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError'
}

/** The message of anything that was thrown. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The control did not fail as it must: no verdict of this machine can be trusted. */
export class SelfCheckError extends Error {
  override readonly name = 'SelfCheckError'

  /** @param seen what the sweep of the known toolchain said instead */
  constructor(seen: string) {
    super(
      'The self-check failed: glibc 2.31 with gcc 10, Go 1.17 and ianlancetaylor/cgosymbolizer must deadlock under a sweep, and did not. ' +
        `What was seen: ${seen} On this machine "immune" or "clean" would mean nothing. Look whether the processor is amd64 and whether ` +
        'containers here may use ptrace and its breakpoints (a seccomp profile or a virtual machine may forbid them).',
    )
  }
}
