import { createHash } from 'node:crypto'
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { removeContainers, toolPath } from '../container/containers.js'
import type { Host } from '../container/containers.js'
import { RUN_LABEL } from '../container/arguments.js'
import { lookForEngine } from '../engine.js'
import { CommandError, ConfigurationError, errorMessage } from '../errors.js'
import { runCommand } from '../exec.js'
import { buildTools } from '../image/build.js'
import type { Logger } from '../log.js'
import { isExecutable, isOnPath } from '../programs.js'
import { TOOL_FOLDER } from '../toolchain/symbolizer.js'

/** Programs of ours that run beside a program on this host. */
export interface NativePrograms {
  readonly sweep: string
  readonly gate: string
}

export interface NativeDeps {
  readonly env: Readonly<Record<string, string>>
  /** Where programs are kept; see `cacheFolders` */
  readonly folders: readonly string[]
  readonly log: Logger
  readonly signal: AbortSignal
}

const NATIVE = join(TOOL_FOLDER, 'native')
/** What each is made of: the C files of these folders and of no others. */
const SOURCES = { sweep: ['sweep', 'progress/json.c'], gate: ['gate'] } as const
const NAMES = ['sweep', 'gate'] as const
const FLAGS = ['-std=c11', '-D_GNU_SOURCE', '-O2']
const COMPILERS = ['cc', 'gcc', 'clang']
const COMPILE_MS = 120_000
const COPY_MS = 60_000
const OTHERS_MAY_WRITE = 0o022

/**
 * Where programs of ours may be kept, best first: the user's cache (XDG Base Directory Specification), else a folder for
 * this user among the temporary files.
 */
export function cacheFolders(environment: Readonly<Record<string, string | undefined>>): string[] {
  const { XDG_CACHE_HOME: given, HOME: home } = environment
  const uid = process.getuid?.() ?? 0
  return [
    ...(given !== undefined && isAbsolute(given) ? [join(given, 'cgo-deadlock')] : []),
    ...(home !== undefined && isAbsolute(home) ? [join(home, '.cache', 'cgo-deadlock')] : []),
    join(tmpdir(), `cgo-deadlock-${uid}`),
  ]
}

/**
 * The native programs for this host: those that were made of the same sources before; else made with this host's C compiler;
 * else taken out of the tools' image, where an engine answers.
 * @throws ConfigurationError when there is neither; it says what to install
 */
export async function findNativePrograms(deps: NativeDeps): Promise<NativePrograms> {
  const parent = await openFolder(deps.folders)
  const folder = join(parent, `native-${await digestSources()}`)
  const programs = { sweep: join(folder, 'sweep'), gate: join(folder, 'gate') }
  if (await areThere(programs)) return programs
  const work = await mkdtemp(join(parent, 'new-'))
  try {
    await make(work, deps)
    await putInPlace(work, folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return programs
}

async function areThere({ sweep, gate }: NativePrograms): Promise<boolean> {
  return (await isExecutable(sweep)) && (await isExecutable(gate))
}

/** The first folder that is, or can be made, ours alone: what lies in it is run. */
async function openFolder(folders: readonly string[]): Promise<string> {
  const refused: string[] = []
  for (const folder of folders) {
    try {
      await mkdir(dirname(folder), { recursive: true })
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const state = await lstat(folder)
      const ours = state.uid === process.getuid?.() && (state.mode & OTHERS_MAY_WRITE) === 0
      if (state.isDirectory() && ours) return folder
      refused.push(`${folder} may be written to by others`)
    } catch (thrown) {
      refused.push(errorMessage(thrown))
    }
  }
  throw new ConfigurationError(
    `There is no folder to keep the native programs in: ${refused.join('; ')}. Set XDG_CACHE_HOME to a folder of your own.`,
  )
}

async function digestSources(): Promise<string> {
  const hash = createHash('sha256').update(process.arch)
  for (const file of [
    ...(await listSources('sweep', /\.[ch]$/)),
    ...(await listSources('gate', /\.[ch]$/)),
  ])
    hash.update(`${file}\n`).update(await readFile(join(NATIVE, file)))
  return hash
    .update(await readFile(join(NATIVE, 'progress', 'json.h')))
    .digest('hex')
    .slice(0, 16)
}

async function listSources(name: keyof typeof SOURCES, wanted: RegExp): Promise<string[]> {
  const found = await Promise.all(
    SOURCES[name].map(async (source) =>
      source.endsWith('.c')
        ? [source]
        : (await readdir(join(NATIVE, source)))
            .filter((file) => wanted.test(file))
            .map((file) => join(source, file)),
    ),
  )
  return found.flat().toSorted()
}

async function make(folder: string, deps: NativeDeps): Promise<void> {
  const failed = await compile(folder, deps)
  if (failed === null) return
  const fetched = await fetchFromImage(folder, deps)
  if (fetched === null) return
  throw new ConfigurationError(
    `The sweep is a small C program that is compiled on this machine once. ${failed} ${fetched} ` +
      'Install a C compiler: sudo apt-get install gcc libc6-dev (Debian, Ubuntu), sudo dnf install gcc (Fedora, RHEL), ' +
      'apk add gcc musl-dev linux-headers (Alpine); or start Docker.',
  )
}

/** Null when it was done, else a sentence that says why not. */
async function compile(folder: string, { env, log, signal }: NativeDeps): Promise<string | null> {
  let said = 'There is no C compiler (cc, gcc, clang) on the PATH.'
  for (const compiler of COMPILERS) {
    if (!(await isOnPath(compiler, env))) continue
    log.progress(`Compiling the sweep with ${compiler}`)
    try {
      for (const name of NAMES) {
        const files = (await listSources(name, /\.c$/)).map((file) => join(NATIVE, file))
        const args = [...FLAGS, '-o', join(folder, name), ...files]
        await runCommand(compiler, args, { env, signal, deadlineMs: COMPILE_MS })
      }
      return null
    } catch (thrown) {
      if (!(thrown instanceof CommandError)) throw thrown
      signal.throwIfAborted()
      said = `${compiler} can't compile it: ${firstError(thrown)}.`
    }
  }
  return said
}

function firstError({ failure, message }: CommandError): string {
  return /^.*(?:fatal )?error: .*$/m.exec(failure.stderrTail)?.[0] ?? message
}

/** Null when it was done, else a sentence that says why not. */
async function fetchFromImage(folder: string, deps: NativeDeps): Promise<string | null> {
  const { env, log, signal } = deps
  const engine = await lookForEngine(undefined, env)
  if (typeof engine === 'string') return `No container engine answers that could have it: ${engine}`
  log.progress(`No C compiler here: taking the sweep out of the tools image with ${engine.name}`)
  try {
    const { tools } = await buildTools({
      ...{ engine, env, log, signal, workFolder: folder },
      imageRegistry: undefined,
      aptMirror: undefined,
    })
    await rm(join(folder, 'build.log'), { force: true })
    await copyOut({ engine, env }, tools, folder)
    return null
  } catch (thrown) {
    signal.throwIfAborted()
    return `The tools image can't be had from ${engine.name}: ${errorMessage(thrown)}`
  }
}

/** A container that is never started has the image's files. */
async function copyOut(host: Host, image: string, folder: string): Promise<void> {
  const { engine, env } = host
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 10)
  const name = `cgo-deadlock-${id}-native`
  const options = { env, deadlineMs: COPY_MS }
  const create = ['create', '--name', name, '--label', `${RUN_LABEL}=${id}`, '--network', 'none']
  try {
    await runCommand(engine.command, [...create, image, 'none'], options)
    for (const program of NAMES)
      await runCommand(
        engine.command,
        ['cp', `${name}:${toolPath(program)}`, join(folder, program)],
        options,
      )
  } finally {
    await removeContainers(host, id)
  }
}

/** All of it or nothing: somebody else may make the same folder at the same moment, which is as good. */
async function putInPlace(work: string, folder: string): Promise<void> {
  try {
    await rename(work, folder)
  } catch (thrown) {
    const programs = { sweep: join(folder, 'sweep'), gate: join(folder, 'gate') }
    if (!(await areThere(programs))) throw thrown
  }
}
