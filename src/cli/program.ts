import { Command, Option } from 'commander'
import { INPUT_DEFAULTS } from '../inputs/inputs.js'
import descriptions from '../inputs/descriptions.json' with { type: 'json' }
import { version } from '../version.js'
import { runFromCommandLine } from './run.js'
import { setUpFromCommandLine } from './setup.js'

/** Inputs that mean something only in a workflow step. */
const STEP_ONLY = new Set(['upload', 'artifact-name', 'retention-days'])

/** The command line: every input of the action as a flag of `run`, and what a terminal needs besides. */
export function makeProgram(): Command {
  const program = new Command('cgo-deadlock')
    .description('Does this Go + C++ + symbolizer program deadlock on this toolchain, and why?')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
  program.addCommand(runCommand())
  program.addCommand(setupCommand())
  return program
}

function runCommand(): Command {
  const command = new Command('run')
    .description('build (or take) a program, run it, watch it, and explain it if it hangs')
    .addHelpText(
      'after',
      '\nExit codes: 0 as expected, 2 not as expected, 3 inconclusive, 1 our own error, 130 cancelled.',
    )
  for (const [name, unset] of Object.entries(INPUT_DEFAULTS)) {
    if (STEP_ONLY.has(name)) continue
    const option = new Option(`--${name} <value>`, descriptions[name as keyof typeof descriptions])
    command.addOption(unset === '' ? option : option.default(unset))
  }
  return command
    .option('--setup', 'first install and start what is missing on this machine (Debian or Ubuntu)')
    .option('--folder <path>', 'where results go', 'cgo-deadlock-results')
    .option('--json', 'print the result as one JSON object on standard output')
    .option('--verbose', 'show details')
    .exitOverride()
    .action(runFromCommandLine)
}

function setupCommand(): Command {
  return new Command('setup')
    .description('install and start what a run needs on Debian or Ubuntu: Docker, BuildKit')
    .option('--verbose', 'show details')
    .exitOverride()
    .action(setUpFromCommandLine)
}
