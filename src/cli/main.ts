import { CommanderError } from 'commander'
import { errorMessage } from '../errors.js'
import { makeProgram } from './program.js'

/** Our own error: bad input, no engine, a failed build. */
const EXIT_ERROR = 1

try {
  await makeProgram().parseAsync(process.argv)
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) process.stderr.write(`error: ${errorMessage(thrown)}\n`)
  const helped = thrown instanceof CommanderError && thrown.exitCode === 0
  process.exitCode = helped ? 0 : EXIT_ERROR
}
