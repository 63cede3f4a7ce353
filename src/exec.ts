import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { execa } from 'execa'
import { CommandError } from './errors.js'
import { makeCollector } from './garbage.js'
import { makeRing } from './ring.js'
import type { Ring } from './ring.js'

const FORCE_KILL_MS = 5_000
const STDERR_TAIL_BYTES = 16 * 1024
const STDOUT_LIMIT_BYTES = 8 * 1024 * 1024

export interface StartOptions {
  /** The whole environment of the child; see `scrubEnvironment` */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Text for its standard input; without it there is none, unless `keepInput` */
  readonly input?: string
  /** Keeps standard input open for `Running.write` */
  readonly keepInput?: boolean
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
  readonly onOutput?: (chunk: Buffer, stream: 'stdout' | 'stderr') => void
}

/** How a child ended. */
export interface Finished {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly timedOut: boolean
  readonly cancelled: boolean
  /** It could not be started at all, e.g. ENOENT */
  readonly startError: string | undefined
  readonly stderrTail: string
}

/** A child process under way. `finished` never rejects. */
export interface Running {
  readonly pid: number | undefined
  readonly finished: Promise<Finished>
  write(text: string): void
  stop(): void
}

/**
 * Starts a program with a list of arguments: no shell, a given environment, an end by deadline or signal (SIGTERM,
 * then SIGKILL after 5 s). The only place that starts processes.
 */
export function startCommand(
  command: string,
  args: readonly string[],
  options: StartOptions,
): Running {
  const stderr = makeRing(0, STDERR_TAIL_BYTES)
  const stopper = new AbortController()
  const collect = makeCollector()
  const child = execa(command, [...args], {
    env: options.env,
    extendEnv: false,
    reject: false,
    buffer: false,
    encoding: 'buffer',
    stdin: options.input !== undefined || options.keepInput === true ? 'pipe' : 'ignore',
    cancelSignal:
      options.signal === undefined
        ? stopper.signal
        : AbortSignal.any([options.signal, stopper.signal]),
    forceKillAfterDelay: FORCE_KILL_MS,
    ...(options.deadlineMs === undefined ? {} : { timeout: options.deadlineMs }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  child.stdout.on('data', (chunk: Buffer) => {
    options.onOutput?.(chunk, 'stdout')
    collect(chunk.length)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.add(chunk)
    options.onOutput?.(chunk, 'stderr')
    collect(chunk.length)
  })
  child.stdin?.on('error', () => undefined)
  if (options.input !== undefined) child.stdin?.end(options.input)
  return {
    pid: child.pid,
    finished: child.then((ended) => ({
      exitCode: ended.exitCode,
      signal: ended.signal,
      timedOut: ended.timedOut,
      cancelled: ended.isCanceled,
      startError:
        ended.exitCode === undefined && ended.signal === undefined ? ended.code : undefined,
      stderrTail: stderr.text(),
    })),
    write: (text) => child.stdin?.write(text),
    stop: () => stopper.abort(),
  }
}

/**
 * Starts a program that outlives us: in a session of its own, its output appended to `logFile`.
 * @returns its process id
 * @throws Error with the system's code (ENOENT, EACCES…) when it can't be started
 */
export async function startDetached(
  command: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly logFile: string },
): Promise<number> {
  const log = await open(options.logFile, 'a', 0o600)
  try {
    const child = spawn(command, [...args], {
      env: options.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    await once(child, 'spawn')
    child.unref()
    return child.pid ?? 0
  } finally {
    await log.close()
  }
}

export interface GroupOptions {
  /** The whole environment of the child */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where its standard input comes from: ours, or nothing */
  readonly stdin: 'inherit' | 'ignore'
  /** Where its output goes, as it comes */
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  /** Hears the same output */
  readonly onOutput: (chunk: Buffer) => void
}

/** A program of the user's own under way: the leader of a session, so that all that it starts can be ended with it. */
export interface Group {
  readonly pid: number
  readonly exited: Promise<{
    readonly code: number | null
    readonly signal: NodeJS.Signals | null
  }>
  /** It has ended, and all its output was passed on */
  readonly closed: Promise<unknown>
  /** Sends a signal to the leader and all in its group; nothing where none is left */
  kill(signal: NodeJS.Signals): void
}

/**
 * Starts a program of the user's own on this host, its output passed on as it comes. What it writes waits when its
 * reader is slow, as it would without us.
 * @throws Error with the system's code (ENOENT, EACCES…) when it can't be started
 */
export async function startGroup(
  command: string,
  args: readonly string[],
  options: GroupOptions,
): Promise<Group> {
  const child = spawn(command, args, {
    env: options.env,
    detached: true,
    stdio: [options.stdin, 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }))
  const closed = once(child, 'close')
  await Promise.race([once(child, 'spawn'), exited, closed])
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} has no process id`)
  for (const [from, to] of [
    [child.stdout, options.stdout],
    [child.stderr, options.stderr],
  ] as const) {
    from.on('data', options.onOutput)
    from.pipe(to, { end: false })
  }
  return {
    pid,
    exited,
    closed,
    kill: (signal) => {
      try {
        process.kill(-pid, signal)
      } catch {
        // Nobody is left in the group.
      }
    },
  }
}

export interface RunOptions extends Omit<StartOptions, 'keepInput'> {
  readonly deadlineMs: number
  /** Return also when the exit code is not 0 */
  readonly allowFailure?: boolean
}

/** A finished command with its output; `stdout` is cut in the middle beyond 8 MiB. */
export interface CommandOutput {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
  readonly startError: string | undefined
}

/**
 * Runs a short command to its end.
 * @throws CommandError when it can't be started, runs past its deadline or, without `allowFailure`, exits with another code than 0
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<CommandOutput> {
  const stdout: Ring = makeRing(STDOUT_LIMIT_BYTES / 2, STDOUT_LIMIT_BYTES / 2)
  const running = startCommand(command, args, {
    ...options,
    onOutput: (chunk, stream) => {
      if (stream === 'stdout') stdout.add(chunk)
      options.onOutput?.(chunk, stream)
    },
  })
  const ended = await running.finished
  if (ended.exitCode !== 0 && options.allowFailure !== true) {
    throw makeCommandError(command, args, ended, options.deadlineMs)
  }
  return {
    exitCode: ended.exitCode,
    stdout: stdout.text(),
    stderr: ended.stderrTail,
    timedOut: ended.timedOut,
    startError: ended.startError,
  }
}

/** The error for a command that ended badly, in words: `docker run: exit code 125: …`. */
export function makeCommandError(
  command: string,
  args: readonly string[],
  ended: Finished,
  deadlineMs: number | undefined,
): CommandError {
  const what = `${command} ${args[0] ?? ''}`.trim()
  return new CommandError(`${what}: ${describeEnd(ended, deadlineMs)}`, {
    command,
    args,
    exitCode: ended.exitCode,
    timedOut: ended.timedOut,
    stderrTail: ended.stderrTail,
  })
}

function describeEnd(ended: Finished, deadlineMs: number | undefined): string {
  const said = ended.stderrTail.trim().split('\n').slice(-3).join('\n')
  const tail = said === '' ? '' : `: ${said}`
  if (ended.startError === 'ENOENT') return 'not found on the PATH'
  if (ended.startError !== undefined) return `could not be started (${ended.startError})`
  if (ended.cancelled) return 'cancelled'
  if (ended.timedOut) return `no answer within ${(deadlineMs ?? 0) / 1000} s${tail}`
  if (ended.signal !== undefined) return `ended by ${ended.signal}${tail}`
  return `exit code ${ended.exitCode ?? '?'}${tail}`
}
