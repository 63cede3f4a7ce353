import { ConfigurationError } from '../errors.js'
import { isPath } from '../toolchain/path.js'
import type { ToolchainRequest } from '../toolchain/types.js'
import {
  ARTIFACT,
  COMPARE_TO,
  FUNCTION,
  GCC,
  GLIBC,
  GO,
  IMAGE,
  MIRROR,
  PACKAGE,
  PROGRAM,
  REGISTRY,
  SYMBOLIZER,
} from './forms.js'
import {
  duration,
  lines,
  matching,
  oneOf,
  optional,
  signals,
  wholeNumber,
  words,
} from './parsers.js'
import { parseRunOptions } from './run-options.js'

/** What action.yml declares, by name, and the value of each that is not given. */
export const INPUT_DEFAULTS = {
  'go-version': 'stable',
  'glibc-version': '',
  'gcc-version': 'default',
  libgcc: 'shared',
  'base-image': '',
  symbolizer: '',
  'compare-to': '',
  program: '',
  packages: '',
  image: '',
  command: '',
  'run-options': '',
  mitigation: 'none',
  experiment: 'both',
  'sweep-signals': 'SIGPROF',
  'sweep-function': '__cxa_throw',
  'sweep-map': 'false',
  'self-check': 'false',
  duration: '30s',
  'stall-timeout': '10s',
  expect: 'no-deadlock',
  'gdb-commands': '',
  upload: 'always',
  'artifact-name': '',
  'retention-days': '',
  engine: '',
  'apt-mirror': '',
  'image-registry': '',
} as const

export type InputName = keyof typeof INPUT_DEFAULTS

/** Every input as text: as given, or its default. */
export type InputTexts = Readonly<Record<InputName, string>>

/** The inputs of one run, checked for form. Keys are the inputs' names in camelCase. */
export interface Inputs {
  readonly goVersion: string
  readonly glibcVersion: string | undefined
  readonly gccVersion: string
  readonly libgcc: 'shared' | 'static'
  readonly baseImage: string | undefined
  /** Empty: whatever `program` imports itself */
  readonly symbolizer: string
  /** What the symbolizer is compared with: a folder, or a revision of the repository that it is in */
  readonly compareTo: string | undefined
  /** Folder of a Go main package of the user's own; undefined: the built-in reproducer */
  readonly program: string | undefined
  /** Names of Debian packages, each with `=version` if wanted */
  readonly packages: readonly string[]
  readonly image: string | undefined
  /** With `image`: what to run in it; else arguments for the program that was built */
  readonly command: readonly string[]
  /** Arguments of `docker create` in the form `--name=value` */
  readonly runOptions: readonly string[]
  /** `guard`: with native/guard loaded into the program */
  readonly mitigation: 'none' | 'guard'
  readonly experiment: 'natural' | 'sweep' | 'both'
  /** Signals that the sweep sends, by number */
  readonly sweepSignals: readonly number[]
  /** A symbol, or FILE+0xOFFSET */
  readonly sweepFunction: string
  /** Decide every instruction, beyond the first failure */
  readonly sweepMap: boolean
  /** First see whether the toolchain that is known to hang does */
  readonly selfCheck: boolean
  /** Milliseconds */
  readonly duration: number
  /** Milliseconds */
  readonly stallTimeout: number
  readonly expect: 'no-deadlock' | 'deadlock' | 'any'
  readonly gdbCommands: readonly string[]
  readonly upload: 'always' | 'on-fault' | 'never'
  readonly artifactName: string | undefined
  readonly retentionDays: number | undefined
  readonly engine: 'docker' | 'podman' | undefined
  /** http or https address without a slash at its end */
  readonly aptMirror: string | undefined
  /** `host[:port][/path]` without a slash at its end */
  readonly imageRegistry: string | undefined
}

const ENGINES = ['docker', 'podman'] as const

/** Reads every input as text by its name; white space around it is dropped, and what is not given gets its default. */
export function readInputTexts(read: (name: string) => string): InputTexts {
  const entries = Object.entries(INPUT_DEFAULTS).map(([name, unset]) => {
    const given = read(name).trim()
    return [name, given === '' ? unset : given]
  })
  return Object.fromEntries(entries) as InputTexts
}

/**
 * Reads and checks all inputs. `read` gives an input's text by its name, empty when it is not given: the action
 * passes `core.getInput`, the command line its flags.
 *
 * @throws ConfigurationError for the first input that is malformed or contradicts another
 */
export function readInputs(read: (name: string) => string): Inputs {
  const text = readInputTexts(read)
  const inputs: Inputs = {
    goVersion: matching('go-version', text['go-version'], GO),
    glibcVersion: optional('glibc-version', text['glibc-version'], GLIBC),
    gccVersion: matching('gcc-version', text['gcc-version'], GCC),
    libgcc: oneOf('libgcc', text.libgcc, ['shared', 'static']),
    baseImage: optional('base-image', text['base-image'], IMAGE),
    symbolizer: optional('symbolizer', symbolizerOf(text), SYMBOLIZER) ?? '',
    compareTo: optional('compare-to', text['compare-to'], COMPARE_TO),
    program: optional('program', text.program, PROGRAM),
    packages: readPackages(text.packages),
    image: optional('image', text.image, IMAGE),
    command: words('command', text.command),
    runOptions: parseRunOptions(text['run-options']),
    mitigation: oneOf('mitigation', text.mitigation, ['none', 'guard']),
    experiment: oneOf('experiment', text.experiment, ['natural', 'sweep', 'both']),
    sweepSignals: signals('sweep-signals', text['sweep-signals']),
    sweepFunction: matching('sweep-function', text['sweep-function'], FUNCTION),
    sweepMap: oneOf('sweep-map', text['sweep-map'], ['true', 'false']) === 'true',
    selfCheck: oneOf('self-check', text['self-check'], ['true', 'false']) === 'true',
    duration: duration('duration', text.duration, '1s', '6h'),
    stallTimeout: duration('stall-timeout', text['stall-timeout'], '500ms', '1h'),
    expect: oneOf('expect', text.expect, ['no-deadlock', 'deadlock', 'any']),
    gdbCommands: lines(text['gdb-commands']),
    upload: oneOf('upload', text.upload, ['always', 'on-fault', 'never']),
    artifactName: optional('artifact-name', text['artifact-name'], ARTIFACT),
    retentionDays: wholeNumber('retention-days', text['retention-days'], 1, 400),
    engine: text.engine === '' ? undefined : oneOf('engine', text.engine, ENGINES),
    aptMirror: optional('apt-mirror', withoutEndSlash(text['apt-mirror']), MIRROR),
    imageRegistry: optional('image-registry', withoutEndSlash(text['image-registry']), REGISTRY),
  }
  refuseContradictions(text, inputs)
  return inputs
}

/** The part of the inputs that the toolchain is resolved from. */
export function toolchainRequest(inputs: Inputs): ToolchainRequest {
  return {
    go: inputs.goVersion,
    glibc: inputs.glibcVersion,
    gcc: inputs.gccVersion,
    libgcc: inputs.libgcc,
    baseImage: inputs.baseImage,
    symbolizer: inputs.symbolizer,
    program: inputs.program,
    packages: inputs.packages,
  }
}

/** As given, else the built-in program's; a program of the user's own has the one that it imports. */
function symbolizerOf({ symbolizer, program }: InputTexts): string {
  return symbolizer === '' && program === '' ? 'ianlancetaylor' : symbolizer
}

/** Names with blanks or line ends between them. */
function readPackages(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((name) => name !== '')
    .map((name) => matching('packages', name, PACKAGE))
}

function withoutEndSlash(address: string): string {
  return address.replace(/\/+$/, '')
}

const BUILD_INPUTS = [
  'go-version',
  'glibc-version',
  'gcc-version',
  'libgcc',
  'base-image',
  'symbolizer',
  'compare-to',
  'program',
  'packages',
] as const

/** The inputs that act on a run, for its record: without an image all, with one all but those of the build. */
export function actingInputs(text: InputTexts): Record<string, string> {
  const idle: readonly string[] = text.image === '' ? [] : BUILD_INPUTS
  const acting = { ...text, symbolizer: symbolizerOf(text) }
  return Object.fromEntries(Object.entries(acting).filter(([name]) => !idle.includes(name)))
}

/** With `image` nothing is built, so what only a build would use must not be given beside it. */
function refuseContradictions(text: InputTexts, inputs: Inputs): void {
  if (inputs.image === undefined) {
    refuseEntryPoint(inputs)
    refuseLonePackages(inputs)
    refuseLoneComparison(inputs)
    return
  }
  const idle = BUILD_INPUTS.filter((name) => text[name] !== INPUT_DEFAULTS[name])
  if (idle.length === 0) return
  throw new ConfigurationError(
    `Input image is ${JSON.stringify(text.image)}, which skips the build, but ${idle.join(', ')} ` +
      `would only act on a build. Leave out either image or ${idle.join(', ')}.`,
  )
}

function refuseLonePackages({ program, packages }: Inputs): void {
  if (program !== undefined || packages.length === 0) return
  throw new ConfigurationError(
    `Input packages is ${JSON.stringify(packages.join(' '))}, but the built-in program needs none. ` +
      'Name your own with the input program, or leave packages out.',
  )
}

/** Only a symbolizer that is a folder has another side, and only a sweep can tell the two apart. */
function refuseLoneComparison(inputs: Inputs): void {
  if (inputs.compareTo === undefined) return
  const given = `Input compare-to is ${JSON.stringify(inputs.compareTo)}, `
  if (!isPath(inputs.symbolizer)) {
    throw new ConfigurationError(
      `${given}but symbolizer is ${JSON.stringify(inputs.symbolizer)}, which is no folder. ` +
        'Give the folder of the changed symbolizer, such as symbolizer: . for the checkout.',
    )
  }
  if (inputs.experiment === 'natural') {
    throw new ConfigurationError(
      `${given}but experiment is "natural", which proves nothing of either side. Leave it out, or give sweep or both.`,
    )
  }
  if (inputs.expect === 'deadlock') {
    throw new ConfigurationError(
      `${given}but expect is "deadlock". A comparison passes unless the change made it worse: leave expect out, or give any.`,
    )
  }
}

function refuseEntryPoint(inputs: Inputs): void {
  if (!inputs.runOptions.some((option) => option.startsWith('--entrypoint='))) return
  throw new ConfigurationError(
    'Input run-options sets --entrypoint, which is allowed only beside the input image: ' +
      'without it the program that was built is what runs. Leave it out, or name an image.',
  )
}
