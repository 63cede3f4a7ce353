import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCommandError, runCommand, startCommand } from '../exec.js'
import type { Engine } from '../engine.js'
import type { CommandOutput, Finished, Running, StartOptions } from '../exec.js'
import { RUN_LABEL, TOOLS_FOLDER, sidecarArguments, targetArguments } from './arguments.js'
import type { SidecarPlan, TargetPlan } from './arguments.js'

const COMMAND_MS = 60_000
const POLL_MS = 20

/** An engine with the environment its client runs in. */
export interface Host {
  readonly engine: Engine
  readonly env: Readonly<Record<string, string>>
}

/** What the engine says of a container that has ended. */
export interface Exit {
  readonly code: number | null
  /** The signal's number if the init reported one (128 + n) */
  readonly signal: number | null
  readonly oomKilled: boolean
}

/** @throws CommandError with the engine's own words */
export async function createTarget(host: Host, plan: TargetPlan): Promise<void> {
  await engineCommand(host, targetArguments(plan, host.engine.name))
}

/** @throws CommandError with the engine's own words */
export async function createSidecar(host: Host, plan: SidecarPlan): Promise<void> {
  await engineCommand(host, sidecarArguments(plan))
}

/**
 * Starts a created container and stays attached to its output, so that not a byte is lost.
 * Standard input is attached as well when `keepInput` is set.
 */
export function startAttached(
  host: Host,
  name: string,
  options: Pick<StartOptions, 'onOutput' | 'keepInput'>,
): Running {
  const attach = options.keepInput === true ? ['--attach', '--interactive'] : ['--attach']
  return startCommand(host.engine.command, ['start', ...attach, name], {
    env: host.env,
    ...options,
  })
}

/**
 * Starts a created container and waits for its end, its deadline or the signal; the container may then still run.
 * @returns its exit code and what it printed, cut in the middle beyond 8 MiB
 */
export async function runToEnd(
  host: Host,
  name: string,
  options: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<CommandOutput> {
  return runCommand(host.engine.command, ['start', '--attach', name], {
    ...{ env: host.env, allowFailure: true },
    ...options,
  })
}

/** Runs a program in a running container, streaming its output. */
export function startInside(
  host: Host,
  name: string,
  command: readonly string[],
  options: Omit<StartOptions, 'env'>,
): Running {
  return startCommand(host.engine.command, ['exec', name, ...command], {
    env: host.env,
    ...options,
  })
}

/**
 * Waits until a container was started (or has already ended).
 * @returns how many milliseconds ago that was by the engine's clock, at least 0
 * @param starting the client that starts it; when that has given up, so does the wait
 * @throws CommandError when it can't be started or the engine gives no answer; whatever the signal aborts with
 */
export async function waitForStart(
  host: Host,
  name: string,
  starting: Running,
  signal: AbortSignal,
): Promise<{ agoMs: number; running: boolean }> {
  let failed: Finished | undefined
  void starting.finished.then((ended) => {
    failed = ended
  })
  for (;;) {
    signal.throwIfAborted()
    const gaveUp = failed
    const { stdout } = await engineCommand(host, [
      'inspect',
      '--format',
      '{{.State.Status}} {{json .State.StartedAt}}',
      name,
    ])
    const [status = '', started = ''] = stdout.trim().split(' ')
    if (status === 'running' || status === 'exited' || status === 'dead') {
      const startedAt = Date.parse(started.replaceAll('"', ''))
      const agoMs = Number.isNaN(startedAt) ? 0 : Math.max(0, Date.now() - startedAt)
      return { agoMs, running: status === 'running' }
    }
    if (gaveUp !== undefined) {
      throw makeCommandError(host.engine.command, ['start', name], gaveUp, undefined)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/**
 * How a container ended. The init passes a child's fatal signal on as 128 + n (tini and catatonit both do).
 * @throws CommandError when the engine gives no answer, Error when the container has not ended
 */
export async function readExit(host: Host, name: string): Promise<Exit> {
  const { stdout } = await engineCommand(host, ['inspect', '--format', '{{json .State}}', name])
  const state = JSON.parse(stdout) as {
    Running?: boolean
    ExitCode?: number
    OOMKilled?: boolean
  }
  if (state.Running === true) throw new Error('the engine no longer passes on what it prints')
  const code = state.ExitCode ?? null
  const signal = code !== null && code > 128 && code <= 128 + 64 ? code - 128 : null
  return { code, signal, oomKilled: state.OOMKilled === true }
}

/** Sends a signal to a container's init, which hands it to the program. Never throws: it may be gone. */
export async function signalContainer(host: Host, name: string, signal: string): Promise<void> {
  await runCommand(host.engine.command, ['kill', '--signal', signal, name], {
    env: host.env,
    deadlineMs: COMMAND_MS,
    allowFailure: true,
  })
}

/** Copies a file from one created container into another, by way of a temporary file: engines have no direct way. */
export async function copyBetween(
  host: Host,
  from: { readonly name: string; readonly path: string },
  to: { readonly name: string; readonly path: string },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cgo-deadlock-copy-'))
  try {
    const file = join(folder, 'file')
    await engineCommand(host, ['cp', `${from.name}:${from.path}`, file])
    await engineCommand(host, ['cp', file, `${to.name}:${to.path}`])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What an image says of its program. */
export interface ImageEntry {
  readonly entrypoint: string[]
  /** Arguments, which a command given to the container replaces */
  readonly command: string[]
  /** `NAME=VALUE`, each */
  readonly env: string[]
  readonly folder: string
}

/** What an image runs, and in which surroundings. */
export async function readEntry(host: Host, image: string): Promise<ImageEntry> {
  const format = '{{json .Config}}'
  const { stdout } = await engineCommand(host, ['image', 'inspect', '--format', format, image])
  const config = JSON.parse(stdout) as {
    Entrypoint?: string[] | null
    Cmd?: string[] | null
    Env?: string[] | null
    WorkingDir?: string | null
  }
  return {
    entrypoint: config.Entrypoint ?? [],
    command: config.Cmd ?? [],
    env: config.Env ?? [],
    folder: config.WorkingDir || '/',
  }
}

/** Removes all containers of a run, running or not. Returns how many; never throws when there are none. */
export async function removeContainers(host: Host, runId: string): Promise<number> {
  const listed = await runCommand(
    host.engine.command,
    ['ps', '--all', '--quiet', '--filter', `label=${RUN_LABEL}=${runId}`],
    { env: host.env, deadlineMs: COMMAND_MS, allowFailure: true },
  )
  const ids = listed.stdout.split('\n').filter((id) => id !== '')
  if (ids.length > 0) {
    // podman refuses to remove a target while the sidecar that joined it is there, in whatever order they are named.
    const depend = host.engine.name === 'podman' ? ['--depend'] : []
    await runCommand(host.engine.command, ['rm', '--force', '--volumes', ...depend, ...ids], {
      env: host.env,
      deadlineMs: COMMAND_MS,
      allowFailure: true,
    })
  }
  return ids.length
}

/** Path of one of our native tools inside the sidecar. */
export function toolPath(...parts: string[]): string {
  return [TOOLS_FOLDER, ...parts].join('/')
}

async function engineCommand(host: Host, args: readonly string[]): Promise<{ stdout: string }> {
  return runCommand(host.engine.command, args, { env: host.env, deadlineMs: COMMAND_MS })
}
