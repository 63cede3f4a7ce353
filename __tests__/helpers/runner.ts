import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')

const PEAK_EVERY_MS = 100
/** What the runner does to a step that is cancelled (actions/runner: ProcessInvoker.cs) */
const CANCEL_MS = { terminate: 7_500, kill: 10_000 }

export interface StepRun {
  readonly exitCode: number | null
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly summary: string
  readonly folder: string
  readonly tookMs: number
  /** The most memory that it held, in MiB */
  readonly peakMiB: number
  /** It led a session of its own, which its children are in; none of them is to be left */
  readonly session: number
}

export interface StepOptions {
  /** A folder for workspace, temporary files and command files; default: a new one */
  readonly folder?: string
  /** Where the command files lie, where that is not the folder; they are there already */
  readonly commandFiles?: Readonly<Record<'output' | 'state' | 'summary', string>>
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
  const folder =
    options.folder ?? (await realpath(await mkdtemp(join(tmpdir(), 'cgo-deadlock-step-'))))
  const files = options.commandFiles ?? {
    output: join(folder, 'output'),
    state: join(folder, 'state'),
    summary: join(folder, 'summary'),
  }
  if (options.commandFiles === undefined) {
    for (const file of Object.values(files)) await writeFile(file, '')
  }
  const inputs = Object.entries(options.inputs ?? {}).map(
    ([name, value]) => [`INPUT_${name.toUpperCase().replaceAll(' ', '_')}`, value] as const,
  )
  let log = ''
  const startedAt = performance.now()
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
    detached: true,
  })
  const { pid = 0 } = child
  let peakMiB = 0
  const watch = setInterval(() => (peakMiB = Math.max(peakMiB, readPeakMiB(pid))), PEAK_EVERY_MS)
  function hear(chunk: Buffer): void {
    log += chunk.toString()
    options.onLog?.(log, (signal) => child.kill(signal))
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const tookMs = performance.now() - startedAt
  clearInterval(watch)
  return {
    exitCode,
    log,
    folder,
    tookMs,
    peakMiB,
    session: pid,
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

/** The kernel's own record of the most memory that a process held (proc(5), VmHWM). */
function readPeakMiB(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
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

/** For `onLog`: acts once, when the log holds the words. */
export function once(
  words: string,
  act: (kill: (signal: NodeJS.Signals) => void) => void,
): NonNullable<StepOptions['onLog']> {
  let done = false
  return (log, kill) => {
    if (done || !log.includes(words)) return
    done = true
    act(kill)
  }
}

/** For `onLog`: once the log holds the words, cancels the step as the runner does: SIGINT, SIGTERM, SIGKILL. */
export function cancelAt(words: string): NonNullable<StepOptions['onLog']> {
  return once(words, (kill) => {
    kill('SIGINT')
    setTimeout(() => kill('SIGTERM'), CANCEL_MS.terminate).unref()
    setTimeout(() => kill('SIGKILL'), CANCEL_MS.kill).unref()
  })
}
