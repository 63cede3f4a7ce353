import { Command, Option } from 'commander'
import { INPUT_DEFAULTS } from '../inputs/inputs.js'
import descriptions from '../inputs/descriptions.json' with { type: 'json' }
import { version } from '../version.js'
import { AXES } from '../bisect/record.js'
import { bisectFromCommandLine } from './bisect.js'
import { diagnoseFromCommandLine } from './diagnose.js'
import { inspectFromCommandLine } from './inspect.js'
import { matrixFromCommandLine } from './matrix.js'
import { reportFromCommandLine } from './report.js'
import { runFromCommandLine } from './run.js'
import { setUpFromCommandLine } from './setup.js'
import { sweepFromCommandLine } from './sweep.js'
import { watchFromCommandLine } from './watch.js'

/** Inputs that mean something only in a workflow step. */
const STEP_ONLY = new Set(['upload', 'artifact-name', 'retention-days'])
/** A bisection builds each of its points, and expects of each that it does not deadlock. */
const NOT_BISECTED = new Set([...STEP_ONLY, 'image', 'expect', 'compare-to'])

const EXIT_CODES =
  '\nExit codes: 0 as expected, 2 not as expected, 3 inconclusive, 1 our own error, 130 cancelled.'

/** The command line: every input of the action as a flag of `run`, and what a terminal needs besides. */
export function makeProgram(): Command {
  const program = new Command('cgo-deadlock')
    .description('Does this Go + C++ + symbolizer program deadlock on this toolchain, and why?')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
  program.addCommand(runCommand())
  program.addCommand(watchCommand())
  program.addCommand(sweepCommand())
  program.addCommand(diagnoseCommand())
  program.addCommand(inspectCommand())
  program.addCommand(matrixCommand())
  program.addCommand(reportCommand())
  program.addCommand(bisectCommand())
  program.addCommand(setupCommand())
  return program
}

function runCommand(): Command {
  const command = new Command('run')
    .description('build (or take) a program, run it, watch it, and explain it if it hangs')
    .addHelpText('after', EXIT_CODES)
  addInputs(command, INPUT_DEFAULTS, STEP_ONLY)
  return command
    .option('--setup', 'first install and start what is missing on this machine (Debian or Ubuntu)')
    .option('--folder <path>', 'where results go', 'cgo-deadlock-results')
    .option('--json', 'print the result as one JSON object on standard output')
    .option('--verbose', 'show details')
    .exitOverride()
    .action(runFromCommandLine)
}

/** A flag for each input but those left out, with its default. */
function addInputs(
  command: Command,
  defaults: Readonly<Record<string, string>>,
  leftOut: ReadonlySet<string>,
): void {
  for (const [name, unset] of Object.entries(defaults)) {
    if (leftOut.has(name)) continue
    const option = new Option(`--${name} <value>`, descriptions[name as keyof typeof descriptions])
    command.addOption(unset === '' ? option : option.default(unset))
  }
}

function watchCommand(): Command {
  return new Command('watch')
    .description('run any command on this machine, watch it, and explain it if it hangs or crashes')
    .argument('<command...>', 'the command and its arguments, after --')
    .option(
      '--stall-timeout <time>',
      'how long its output may stay silent before it is looked into and ended; off: for ever',
      INPUT_DEFAULTS['stall-timeout'],
    )
    .option('--duration <time>', 'end it after this long; without it, it runs until it ends itself')
    .option('--expect <outcome>', descriptions.expect, INPUT_DEFAULTS.expect)
    .option('--json', 'print the result as one JSON object on standard output')
    .option('--verbose', 'show details')
    .addHelpText('after', EXIT_CODES)
    .passThroughOptions()
    .exitOverride()
    .action(watchFromCommandLine)
}

function sweepCommand(): Command {
  const functions = new Option(
    '--avoid <function>',
    'a function in which no signal is sent; may be given again and again',
  )
  return new Command('sweep')
    .description(
      'put a signal at every instruction of a function of any program on this machine, and see whether each handler comes back',
    )
    .argument('[command...]', 'the command and its arguments, after --')
    .option('--pid <pid>', 'a process that runs already, instead of a command')
    .option('--signals <names>', descriptions['sweep-signals'], INPUT_DEFAULTS['sweep-signals'])
    .option(
      '--sweep-function <function>',
      descriptions['sweep-function'],
      INPUT_DEFAULTS['sweep-function'],
    )
    .option('--observe <function>', 'a function that each handler must be seen to enter')
    .addOption(functions.argParser(collect).default([], 'none'))
    .option(
      '--map',
      'after a fault go on behind it, on fresh processes, until every instruction is decided; takes minutes',
    )
    .option('--expect <outcome>', descriptions.expect, INPUT_DEFAULTS.expect)
    .option('--json', 'print the result as one JSON object on standard output')
    .option('--verbose', 'show details, and what the program prints')
    .addHelpText('after', EXIT_CODES)
    .passThroughOptions()
    .exitOverride()
    .action(sweepFromCommandLine)
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

function diagnoseCommand(): Command {
  return new Command('diagnose')
    .description('explain a posted dump, a live process or a core')
    .argument(
      '[file]',
      'what gdb printed (thread apply all bt), pstack or eu-stack; - for standard input',
    )
    .option('--pid <pid>', 'a live process of this machine; it is stopped for a moment and runs on')
    .option('--core <file>', 'a core')
    .option('--exe <file>', 'with --core: the program that made it; default: the path in the core')
    .option('--sysroot <folder>', 'with --core: folder with the files of the machine it comes from')
    .option('--image <image>', 'with --core: image that the program ran in')
    .option('--json', 'print the diagnosis as one JSON object on standard output')
    .option('--verbose', 'show details')
    .addHelpText(
      'after',
      '\nExit codes: 0 explained, 3 not explained, 1 our own error, 130 cancelled.',
    )
    .exitOverride()
    .action(diagnoseFromCommandLine)
}

function inspectCommand(): Command {
  return new Command('inspect')
    .description('say without running it whether a program can hit the deadlock')
    .argument('<target>', 'a program, a folder with programs, or an image that the engine has')
    .option('--program <path>', 'with an image: the program inside it; default: what it starts')
    .option(
      '--sysroot <folder>',
      'with a program or folder: the files of the machine that it will run on; / for this one',
    )
    .option('--engine <engine>', descriptions.engine)
    .option('--json', 'print what was found as one JSON object on standard output')
    .option('--verbose', 'show details')
    .addHelpText(
      'after',
      '\nExit codes: 0 safe, 2 vulnerable, 3 unknown, 1 our own error, 130 cancelled.',
    )
    .exitOverride()
    .action(inspectFromCommandLine)
}

function matrixCommand(): Command {
  return new Command('matrix')
    .description('show the cells of a compatibility spec, or run them all on this machine')
    .argument('[spec]', 'a YAML file, or a preset: quick, full, symbolizer', 'quick')
    .option(
      '--run',
      'run all cells here, side by side; an interrupted run goes on where it stopped',
    )
    .option('--folder <path>', 'with --run: where results go', 'cgo-deadlock-matrix')
    .option('--jobs <number>', 'with --run: cells at once; default: by cores and free memory')
    .option('--fresh', 'with --run: begin anew, though a run was interrupted')
    .option('--affected-by <paths...>', 'only cells that a change of these files can touch')
    .option('--json', 'print the cells as strategy.matrix.include takes them')
    .option('--verbose', 'show details')
    .addHelpText(
      'after',
      '\nExit codes: 0 every cell has a result, 1 one has none or our own error, 130 cancelled.',
    )
    .exitOverride()
    .action(matrixFromCommandLine)
}

function reportCommand(): Command {
  return new Command('report')
    .description('make one compatibility table of many results')
    .argument('<folder>', 'folder that matrix --run wrote, or one with downloaded artifacts')
    .option('--spec <spec>', 'the spec whose cells there should be; default: that of the run')
    .option('--baseline <file>', 'compat.json of an earlier report, to compare with')
    .option(
      '--fail-on <what>',
      'any: on any fault that is not known; regression: only on a new one; never',
      'any',
    )
    .option('--output <path>', 'where compat.html, compat.json and junit.xml go; default: folder')
    .option('--json', 'print the table as one JSON object on standard output')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .action(reportFromCommandLine)
}

function bisectCommand(): Command {
  const command = new Command('bisect')
    .description('find where along an axis the deadlock begins or ends')
    .addOption(
      new Option('--axis <axis>', 'what changes from point to point')
        .choices(AXES)
        .makeOptionMandatory(),
    )
    .requiredOption('--good <value>', 'an end that does not deadlock: a git ref, or a version')
    .requiredOption('--bad <value>', 'an end that does')
    .option('--repository <path>', 'with --axis symbolizer: folder of the module in its clone', '.')
    .option('--known-ends', 'take both ends for what they are called, without a test')
  addInputs(command, { ...INPUT_DEFAULTS, experiment: 'sweep' }, NOT_BISECTED)
  return command
    .option('--folder <path>', 'where results go', 'cgo-deadlock-bisect')
    .option('--fresh', 'begin anew, though a bisection of the same was interrupted')
    .option('--json', 'print all tests and the answer as one JSON object on standard output')
    .option('--verbose', 'show details')
    .addHelpText('after', '\nExit codes: 0 found, 3 inconclusive, 1 our own error, 130 cancelled.')
    .exitOverride()
    .action(bisectFromCommandLine)
}

function setupCommand(): Command {
  return new Command('setup')
    .description('install and start what a run needs on Debian or Ubuntu: Docker, BuildKit')
    .option('--verbose', 'show details')
    .exitOverride()
    .action(setUpFromCommandLine)
}
