import { CommanderError } from 'commander'
import { CancelledError, errorMessage } from '../errors.js'
import { makeProgram } from './program.js'

/** Our own error: bad input, no engine, a failed build. */
const EXIT_ERROR = 1
/** 128 + SIGINT */
const EXIT_CANCELLED = 130

try {
  await makeProgram().parseAsync(process.argv)
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) process.stderr.write(`error: ${errorMessage(thrown)}\n`)
  process.exitCode = exitCodeOfError(thrown)
}

function exitCodeOfError(thrown: unknown): number {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0
  return thrown instanceof CancelledError ? EXIT_CANCELLED : EXIT_ERROR
}
