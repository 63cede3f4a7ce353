import { spawn } from 'node:child_process'
import { mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')

export interface StepRun {
  readonly exitCode: number | null
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly summary: string
  readonly folder: string
}

export interface StepOptions {
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Starts the entry from its source, not from the committed bundle */
  readonly source?: boolean
  /** Called with the log so far, whenever it grew; may send a signal as the runner does on cancel */
  readonly onLog?: (log: string, kill: (signal: NodeJS.Signals) => void) => void
}

/** Starts a committed bundle as the runner starts it: inputs, command files and folders in the environment, nothing else. */
export async function runStep(
  bundle: 'run' | 'run-post' | 'matrix' | 'report',
  options: StepOptions = {},
): Promise<StepRun> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'cgo-deadlock-step-')))
  const files = {
    output: join(folder, 'output'),
    state: join(folder, 'state'),
    summary: join(folder, 'summary'),
  }
  for (const file of Object.values(files)) await writeFile(file, '')
  const inputs = Object.entries(options.inputs ?? {}).map(
    ([name, value]) => [`INPUT_${name.toUpperCase().replaceAll(' ', '_')}`, value] as const,
  )
  let log = ''
  const child = spawn(process.execPath, entryOf(bundle, options.source === true), {
    cwd: folder,
    env: {
      ...passedOn(),
      ...Object.fromEntries(inputs),
      GITHUB_ACTIONS: 'true',
      GITHUB_OUTPUT: files.output,
      GITHUB_STATE: files.state,
      GITHUB_STEP_SUMMARY: files.summary,
      GITHUB_WORKSPACE: folder,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'owner/repository',
      GITHUB_RUN_ID: '11',
      RUNNER_TEMP: folder,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  function hear(chunk: Buffer): void {
    log += chunk.toString()
    options.onLog?.(log, (signal) => child.kill(signal))
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    exitCode,
    log,
    folder,
    outputs: parseCommandFile(await readFile(files.output, 'utf8')),
    state: parseCommandFile(await readFile(files.state, 'utf8')),
    summary: await readFile(files.summary, 'utf8'),
  }
}

function entryOf(bundle: string, source: boolean): string[] {
  if (!source) return [join(ROOT, 'dist', bundle, 'index.js')]
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs')
  return ['--import', tsx, join(ROOT, 'src', 'actions', bundle, 'main.ts')]
}

/** What a machine with a proxy, a private mirror or a remote daemon sets for every step. */
function passedOn(): Record<string, string> {
  const names =
    /^(PATH|HOME|DOCKER_|CONTAINERS_CONF|GOPROXY|GOSUMDB|SSL_CERT_|NODE_EXTRA_CA_CERTS|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY)/
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && names.test(entry[0]),
    ),
  )
}

/** Reads `name<<delimiter … delimiter` blocks. */
function parseCommandFile(text: string): Record<string, string> {
  const blocks = text.matchAll(/^([^\n<]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm)
  return Object.fromEntries([...blocks].map(([, name = '', , value = '']) => [name, value]))
}
