import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import pRetry, { AbortError } from 'p-retry'
import { Agent, EnvHttpProxyAgent, fetch } from 'undici'
import type { Dispatcher } from 'undici'
import { errorMessage } from '../errors.js'
import { runCommand } from '../exec.js'

const REQUEST_MS = 10_000
const RETRIES = 2
/** The go command's own default (`go help environment`), for a machine without one. */
const GO_DEFAULT = 'https://proxy.golang.org,direct'
const GO_COMMAND_MS = 10_000

/** One entry of GOPROXY. After `|` the next one is asked whatever went wrong, after `,` only when this one has not got it. */
export interface ProxyEntry {
  readonly address: string
  readonly nextOnAnyError: boolean
}

/** A module proxy's answer to one path, or why there is none. */
export type ProxyAnswer =
  | { readonly kind: 'found'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** Splits GOPROXY as the go command does (golang.org/ref/mod#goproxy-protocol): `https://a,b|direct`. */
export function parseGoProxy(value: string): ProxyEntry[] {
  return [...value.matchAll(/([^,|]+)([,|]|$)/g)]
    .map((match) => ({ address: (match[1] ?? '').trim(), nextOnAnyError: match[2] === '|' }))
    .filter(({ address }) => address !== '')
}

/**
 * Asks the module proxies of GOPROXY in turn for a path such as `golang.org/toolchain/@v/list`. Where GOPROXY is not set the go command
 * on the PATH says what its default is, and without one Go's public default holds. `direct` and `off` end the search: fetching from repositories is the go command's own job.
 */
export async function askGoProxy(
  path: string,
  env: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<ProxyAnswer> {
  const entries = parseGoProxy(env['GOPROXY'] ?? (await defaultGoProxy(env)))
  let answer: ProxyAnswer = {
    kind: 'unreadable',
    reason: 'GOPROXY names no proxy',
  }
  for (const { address, nextOnAnyError } of entries) {
    if (address === 'off' || address === 'direct') {
      return answer.kind === 'missing'
        ? answer
        : { kind: 'unreadable', reason: `GOPROXY says ${address}` }
    }
    answer = await readAddress(`${address.replace(/\/+$/, '')}/${path}`, env, signal)
    if (answer.kind === 'found' || (answer.kind === 'unreadable' && !nextOnAnyError)) return answer
  }
  return answer
}

async function defaultGoProxy(env: Readonly<Record<string, string>>): Promise<string> {
  const asked = await runCommand('go', ['env', 'GOPROXY'], {
    env: { ...env, GOTOOLCHAIN: 'local' },
    deadlineMs: GO_COMMAND_MS,
    allowFailure: true,
  })
  return asked.exitCode === 0 ? asked.stdout.trim() : GO_DEFAULT
}

async function readAddress(
  address: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<ProxyAnswer> {
  try {
    if (address.startsWith('file://')) return await readLocal(address)
    return await pRetry(() => request(address, env, signal), {
      retries: RETRIES,
      minTimeout: 500,
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    signal?.throwIfAborted()
    return { kind: 'unreadable', reason: `${new URL(address).host}: ${describe(error)}` }
  }
}

async function readLocal(address: string): Promise<ProxyAnswer> {
  try {
    return { kind: 'found', text: await readFile(fileURLToPath(address), 'utf8') }
  } catch {
    return { kind: 'missing' }
  }
}

/** Proxies answer 404 or 410 for what they have not got (golang.org/ref/mod#goproxy-protocol); some say 403. */
async function request(
  address: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<ProxyAnswer> {
  const limit = AbortSignal.timeout(REQUEST_MS)
  const url = new URL(address)
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  url.username = url.password = ''
  const response = await fetch(url, {
    dispatcher: await makeAgent(env),
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    headers:
      credentials === ':'
        ? {}
        : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  })
  const text = await response.text()
  if (response.ok) return { kind: 'found', text }
  if ([403, 404, 410].includes(response.status)) return { kind: 'missing' }
  const failure = new Error(`answers ${response.status}`)
  throw response.status < 500 && response.status !== 429 ? new AbortError(failure) : failure
}

async function makeAgent(env: Readonly<Record<string, string>>): Promise<Dispatcher> {
  const own = env['SSL_CERT_FILE']
  const bundle = own === undefined ? undefined : await readFile(own, 'utf8').catch(() => undefined)
  const connect = bundle === undefined ? {} : { connect: { ca: [...rootCertificates, bundle] } }
  const httpProxy = env['http_proxy'] ?? env['HTTP_PROXY']
  const httpsProxy = env['https_proxy'] ?? env['HTTPS_PROXY']
  if (httpProxy === undefined && httpsProxy === undefined) return new Agent(connect)
  return new EnvHttpProxyAgent({
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
    ...connect,
  })
}

function describe(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined
    ? errorMessage(error)
    : `${errorMessage(error)} (${errorMessage(cause)})`
}
