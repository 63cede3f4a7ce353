import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigurationError } from '../errors.js'
import type { Logger } from '../log.js'
import { resolveBase } from './base.js'
import { askGoProxy } from './go-proxy.js'
import type { ProxyAnswer } from './go-proxy.js'
import { needsReleaseList, resolveGo } from './go-release.js'
import { resolveProgram } from './program.js'
import { parseSymbolizer } from './symbolizer.js'
import type { SymbolizerPlan, ToolchainPlan, ToolchainRequest } from './types.js'

/** What resolving needs of the world. */
export interface ResolveDeps {
  /** Scrubbed environment: GOPROXY, proxies, SSL_CERT_FILE, PATH */
  readonly env: Readonly<Record<string, string>>
  /** Where the relative paths of symbolizer and program begin */
  readonly cwd: string
  readonly log: Logger
  readonly signal?: AbortSignal
  /** Stands in for the module proxies in tests */
  readonly ask?: (path: string) => Promise<ProxyAnswer>
}

/**
 * Turns versions as asked into one plan that an image can be built from.
 * @throws ConfigurationError that names the input, the value and what is allowed
 */
export async function resolveToolchain(
  request: ToolchainRequest,
  deps: ResolveDeps,
): Promise<ToolchainPlan> {
  const ask = deps.ask ?? ((path: string) => askGoProxy(path, deps.env, deps.signal))
  const base = resolveBase(request)
  const parsed = parseSymbolizer(request.symbolizer, deps.cwd)
  const [go, symbolizer, program] = await Promise.all([
    resolveGoVersion(request.go, ask, deps.log),
    resolveSymbolizer(parsed, ask, deps.log),
    resolveProgram(request, deps.cwd),
  ])
  return { go, ...base, libgcc: request.libgcc, symbolizer, program, asked: request }
}

type Ask = (path: string) => Promise<ProxyAnswer>

const TOOLCHAIN = 'golang.org/toolchain/@v'

async function resolveGoVersion(asked: string, ask: Ask, log: Logger): Promise<string> {
  if (!needsReleaseList(asked)) {
    const release = resolveGo(asked, [])
    if (!release.known) await checkGoExists(release.version, ask)
    return release.version
  }
  const { releases, trouble } = await askReleases(ask)
  const { version } = resolveGo(asked, releases)
  if (trouble !== null) {
    log.warning(
      `Go's list of releases could not be read: ${trouble}. go-version ${asked} is taken as ${version}, the newest that this tool knew when it was released.`,
    )
  }
  return version
}

/** Go's releases as the module proxies list them; none, with a warning, where they can't be asked. */
export async function listGoReleases(
  deps: Pick<ResolveDeps, 'env' | 'log' | 'signal' | 'ask'>,
): Promise<string[]> {
  const ask = deps.ask ?? ((path: string) => askGoProxy(path, deps.env, deps.signal))
  const { releases, trouble } = await askReleases(ask)
  if (trouble !== null) {
    deps.log.warning(
      `Go's list of releases could not be read: ${trouble}. Only the last release of each line that this tool knew when it was released is taken.`,
    )
  }
  return releases
}

/** The releases that the module proxies list, or none and why. */
async function askReleases(ask: Ask): Promise<{ releases: string[]; trouble: string | null }> {
  const list = await ask(`${TOOLCHAIN}/list`)
  if (list.kind === 'found') return { releases: parseReleaseList(list.text), trouble: null }
  const trouble = list.kind === 'missing' ? 'the module proxy has none' : list.reason
  return { releases: [], trouble }
}

/** `v0.0.1-go1.17.13.linux-amd64` lines → `1.17.13`; each release once for every platform. */
export function parseReleaseList(text: string): string[] {
  const versions = [...text.matchAll(/^v0\.0\.1-go([\w.]+?)\.[a-z0-9]+-[a-z0-9]+$/gm)]
  return [...new Set(versions.map((match) => match[1] ?? ''))]
}

/** A release newer than the ones this tool knows may exist; only a proxy that has not got it is proof. */
async function checkGoExists(version: string, ask: Ask): Promise<void> {
  const answer = await ask(`${TOOLCHAIN}/v0.0.1-go${version}.linux-amd64.info`)
  if (answer.kind !== 'missing') return
  const { releases } = await askReleases(ask)
  const line = version.split('.').slice(0, 2).join('.')
  throw new ConfigurationError(
    `go-version: there is no Go ${version}. The newest of that line is ${newestOf(line, releases)}; ` +
      `stable is ${resolveGo('stable', releases).version}.`,
  )
}

function newestOf(line: string, releases: readonly string[]): string {
  return resolveGo(`${line}.x`, releases).version
}

/** Turns `latest`, a branch or a commit into a version, so that the image's name stands for one source. */
async function resolveSymbolizer(
  plan: SymbolizerPlan,
  ask: Ask,
  log: Logger,
): Promise<SymbolizerPlan> {
  if (plan.kind === 'local') await checkModuleFolder('symbolizer', plan.directory)
  if (plan.kind !== 'module' || isExactVersion(plan.version)) return plan
  const path = escapeModule(plan.module)
  const query = escapeModule(plan.version)
  const answer = await ask(
    plan.version === 'latest' ? `${path}/@latest` : `${path}/@v/${query}.info`,
  )
  const version =
    answer.kind === 'found' ? /"Version"\s*:\s*"([^"]+)"/.exec(answer.text)?.[1] : undefined
  if (version !== undefined) return { ...plan, version }
  log.debug(`The module proxy does not say what ${plan.module}@${plan.version} is; the build will.`)
  return plan
}

/** @throws ConfigurationError, naming the input, when a folder is no Go module */
export async function checkModuleFolder(input: string, directory: string): Promise<void> {
  try {
    await access(join(directory, 'go.mod'))
  } catch (error) {
    throw new ConfigurationError(
      `${input}: there is no go.mod in ${directory}. Give the folder of a checked-out Go module.`,
      { cause: error },
    )
  }
}

/** True for a version that stands for one source for ever: `v1.2.3`, a pseudo-version. */
export function isExactVersion(version: string): boolean {
  return /^v\d+\.\d+\.\d+/.test(version)
}

/** Proxies are asked for capital letters as `!` and the small letter (golang.org/ref/mod#goproxy-protocol). */
function escapeModule(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)
}
