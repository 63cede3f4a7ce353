import { untilCancelled } from '../cancel.js'
import { scrubEnvironment } from '../environment.js'
import { setUpHost } from '../setup/setup.js'
import { makeConsoleLogger } from './log.js'

/** `cgo-deadlock setup`: installs and starts what a run needs. */
export async function setUpFromCommandLine(flags: { readonly verbose?: boolean }): Promise<void> {
  const log = makeConsoleLogger({ verbose: flags.verbose === true, quiet: false })
  await untilCancelled((signal) =>
    setUpHost({ env: scrubEnvironment(process.env), log, signal, installs: true }),
  )
  log.stop()
}
