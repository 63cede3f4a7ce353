import { createHash } from 'node:crypto'
import { BASES } from '../toolchain/catalog.js'
import { isExactVersion } from '../toolchain/resolve.js'
import { symbolizerRequires } from '../toolchain/symbolizer.js'
import type { ProgramPlan, SymbolizerPlan, ToolchainPlan } from '../toolchain/types.js'
import type { BuildPlan } from './arguments.js'
import type { PresentBase } from './base.js'
import { LOCAL_SYMBOLIZER_IN_BUILD, OWN_PROGRAM } from './context.js'
import type { Context } from './context.js'

const REPOSITORY = 'cgo-deadlock'

/** One image to build. */
export interface Job {
  readonly target: BuildPlan['target']
  readonly tag: string
  readonly buildArguments: BuildPlan['buildArguments']
  /** False where the inputs do not pin down what is built, so that an earlier image may be another */
  readonly reusable: boolean
}

/** The image of gdb and the native tools. */
export function toolsJob(context: Context, debian: PresentBase): Job {
  const values = { DEBIAN: debian.name }
  const tag = tagFor('tools', [context.digests.tools, debian.id, values])
  return { target: 'tools', tag, buildArguments: values, reusable: true }
}

/** The image of the program: the built-in one, or one of the user's own. */
export function reproducerJob(
  plan: ToolchainPlan,
  context: Context,
  base: PresentBase,
  debian: PresentBase,
): Job {
  const { symbolizer, program } = plan
  const target = program === undefined ? 'reproducer' : 'program'
  const archives = BASES.find(({ suite }) => suite === plan.suite)?.archives ?? []
  const exact = symbolizer.kind !== 'module' || isExactVersion(symbolizer.version)
  // By number where it is known, so that `default` and its number share their layers.
  const gcc = plan.gcc === 'default' ? (plan.expected.gcc ?? 'default') : plan.gcc
  const values = {
    BASE: base.name,
    DEBIAN: debian.name,
    GO: plan.go,
    GCC: gcc,
    GCC_PACKAGE: gcc === 'default' ? 'g++' : `g++-${gcc}`,
    LIBGCC: plan.libgcc,
    SYMBOLIZER: symbolizerArgument(symbolizer),
    SYMBOLIZER_IMPORT: symbolizer.kind === 'module' ? symbolizer.importPath : undefined,
    SYMBOLIZER_REQUIRES: symbolizerRequires(symbolizer).join(' '),
    SYMBOLIZER_ASKED_AT: exact ? undefined : new Date().toISOString(),
    APT_FALLBACKS: archives.join(' '),
    ...(program === undefined ? {} : programArguments(program)),
  }
  const tag = tagFor(target, [context.digests.reproducer, base.id, debian.id, values])
  return { target, tag, buildArguments: values, reusable: exact }
}

function programArguments({ package: path, packages }: ProgramPlan): Record<string, string> {
  return { SOURCE: OWN_PROGRAM, PROGRAM: path, PACKAGES: packages.join(' ') }
}

function symbolizerArgument(symbolizer: SymbolizerPlan): string {
  switch (symbolizer.kind) {
    case 'none':
    case 'own':
      return 'none'
    case 'module':
      return `${symbolizer.module}@${symbolizer.version}`
    case 'local':
      return LOCAL_SYMBOLIZER_IN_BUILD
  }
}

/** The same inputs get the same name, so that a second run finds the first one's image. */
function tagFor(target: Job['target'], inputs: readonly unknown[]): string {
  return `${REPOSITORY}/${target}:${digest(inputs)}`
}

function digest(inputs: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16)
}

/** The build argument that is another in every build. */
const EVER_NEW = 'SYMBOLIZER_ASKED_AT'

/**
 * The name under which an image's layers are kept between jobs. Builds of one name take each other's place there, so it holds all that
 * tells cells apart, and nothing of the sources: a changed program finds the compiler of the last one. A digest, since a comma would
 * begin another option.
 */
export function layerScope({
  target,
  buildArguments,
}: Pick<Job, 'target' | 'buildArguments'>): string {
  const values = Object.entries(buildArguments).filter(([name]) => name !== EVER_NEW)
  return `${REPOSITORY}-${target}-${digest(values)}`
}
