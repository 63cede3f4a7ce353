import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { makeCommandError, startCommand } from '../src/exec.js'
import { makeContext } from '../src/image/context.js'
import { DEBIAN_STABLE, qualifyImage } from '../src/image/names.js'
import { writeSecrets } from '../src/image/secrets.js'
import { TOOL_FOLDER } from '../src/toolchain/symbolizer.js'
import type { SymbolizerPlan, ToolchainPlan } from '../src/toolchain/types.js'
import type { BuildingEngine, Workplace } from './workplace.js'

const PLAIN_FOLDER = join(import.meta.dirname, 'plain')
const BUILD_MS = 20 * 60_000

/** A plain build that is ready to be run: its base is there, with Go in it. */
export interface PlainBuild {
  /** The program's folder, which the build copies whole */
  readonly context: string
  readonly arguments: readonly string[]
}

/** Makes everything that a plain build of the same program begins with. None of it is counted. */
export async function preparePlain(
  workplace: Workplace,
  { go, baseImage, symbolizer }: ToolchainPlan,
  registry: string,
): Promise<PlainBuild> {
  const folder = await mkdtemp(join(workplace.folder, 'plain-'))
  const { folder: ours } = await makeContext(join(folder, 'ours'), {}, workplace.deps.log)
  const secrets = await writeSecrets(join(folder, 'secrets'), workplace.host.env, undefined)
  const withSecrets = secrets.flatMap(({ id, file }) => ['--secret', `id=${id},src=${file}`])
  const tag = (name: string): string => `cgo-deadlock-bench/${name}:${registry}`
  const debian = qualifyImage(DEBIAN_STABLE, registry)
  const versions = ['--build-arg', `GO=${go}`, '--build-arg', `DEBIAN=${debian}`]
  await build(workplace, ['--target', 'go', '--tag', tag('go'), ...versions, ...withSecrets, ours])
  const base = qualifyImage(baseImage, registry)
  await build(workplace, [
    ...['--file', join(PLAIN_FOLDER, 'go.Dockerfile'), '--tag', tag('base')],
    ...['--build-arg', `BASE=${base}`, '--build-arg', `GO=${tag('go')}`, PLAIN_FOLDER],
  ])
  const context = join(folder, 'program')
  await writeProgram(context, symbolizer)
  return {
    context,
    arguments: [
      ...['--file', join(PLAIN_FOLDER, 'Dockerfile'), '--tag', tag('plain')],
      ...['--build-arg', `BASE=${tag('base')}`, ...withSecrets, context],
    ],
  }
}

/** Milliseconds that the plain build takes. */
export async function timePlain(
  workplace: Workplace,
  plain: PlainBuild,
  engine: BuildingEngine = workplace.host.engine,
): Promise<number> {
  const start = performance.now()
  await build(workplace, plain.arguments, engine)
  return performance.now() - start
}

/** The reproducer with its symbolizer, as somebody would write it: a blank import and a line in go.mod. */
async function writeProgram(folder: string, symbolizer: SymbolizerPlan): Promise<void> {
  await mkdir(folder)
  await cp(join(TOOL_FOLDER, 'native', 'reproducer'), folder, { recursive: true })
  const { path, lines } = requirement(symbolizer)
  await writeFile(
    join(folder, 'go.mod'),
    ['module reproducer', '', 'go 1.11', ...lines, ''].join('\n'),
  )
  await writeFile(join(folder, 'symbolizer.go'), `package main\n\nimport _ "${path}"\n`)
}

/** Where the plain program looks for a symbolizer that is a folder; the module that the bench changes there. */
export const LOCAL_SYMBOLIZER = 'symbolizer'
const LOCAL_PATH = 'cgo-deadlock.example/framepointer'

function requirement(symbolizer: SymbolizerPlan): { path: string; lines: string[] } {
  switch (symbolizer.kind) {
    case 'module':
      return {
        path: symbolizer.module,
        lines: ['', `require ${symbolizer.module} ${symbolizer.version}`],
      }
    case 'local':
      return {
        path: LOCAL_PATH,
        lines: [
          '',
          `require ${LOCAL_PATH} v0.0.0`,
          '',
          `replace ${LOCAL_PATH} => ./${LOCAL_SYMBOLIZER}`,
        ],
      }
    case 'none':
    case 'own':
      throw new Error('The bench builds its program with a symbolizer.')
  }
}

async function build(
  { host, deps }: Workplace,
  args: readonly string[],
  engine: BuildingEngine = host.engine,
): Promise<void> {
  const { command, args: first, env } = engine.build
  const all = [...first, ...args]
  const ended = await startCommand(command, all, {
    env: { ...host.env, ...env },
    deadlineMs: BUILD_MS,
    signal: deps.signal,
  }).finished
  if (ended.exitCode !== 0) throw makeCommandError(command, all, ended, BUILD_MS)
}
