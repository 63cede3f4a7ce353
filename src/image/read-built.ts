import type { Engine } from '../engine.js'
import { runCommand } from '../exec.js'
import type { BuiltToolchain } from '../toolchain/types.js'
import { parseFacts, parseGdb } from './facts.js'

const READ_MS = 60_000
const FACTS = '/opt/cgo-deadlock/facts'

interface ReadDeps {
  readonly engine: Engine
  readonly env: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/**
 * What two images really hold, as their build wrote it down in them, and the kernel they will run on.
 * @throws CommandError when an image can't be read
 */
export async function readBuilt(
  deps: ReadDeps & { readonly reproducer: string; readonly tools: string },
): Promise<BuiltToolchain> {
  const [reproducer, tools, kernel] = await Promise.all([
    readFacts(deps, deps.reproducer),
    readFacts(deps, deps.tools),
    readKernel(deps),
  ])
  return parseFacts(reproducer, tools, kernel)
}

/** gdb's version in a tools image. */
export async function readGdb(deps: ReadDeps, tools: string): Promise<string | null> {
  return parseGdb(await readFacts(deps, tools))
}

async function readFacts(deps: ReadDeps, image: string): Promise<string> {
  const args = ['run', '--rm', '--pull', 'never', '--network', 'none', '--cap-drop', 'ALL']
  return read(deps, [...args, '--log-driver', 'none', '--entrypoint', 'cat', image, FACTS])
}

/** The kernel is the engine's machine's, which need not be this one. */
async function readKernel(deps: ReadDeps): Promise<string | null> {
  const format = deps.engine.name === 'podman' ? '{{.Host.Kernel}}' : '{{.KernelVersion}}'
  const kernel = await read(deps, ['info', '--format', format])
  return kernel.trim() === '' ? null : kernel.trim()
}

async function read(deps: ReadDeps, args: readonly string[]): Promise<string> {
  const { stdout } = await runCommand(deps.engine.command, args, {
    env: deps.env,
    deadlineMs: READ_MS,
    ...(deps.signal === undefined ? {} : { signal: deps.signal }),
  })
  return stdout
}
