import { performance } from 'node:perf_hooks'
import {
  copyBetween,
  createSidecar,
  createTarget,
  readEntry,
  readExit,
  startAttached,
  toolPath,
  waitForStart,
} from '../container/containers.js'
import type { Exit, Host } from '../container/containers.js'
import { errorMessage } from '../errors.js'
import type { Finished, Running } from '../exec.js'
import type { Guard } from './guard.js'
import { splitLines } from './lines.js'

const ENTRYPOINT = '--entrypoint='
const SAMPLER_INTERVAL_MS = 100
/** Where the gate lies in a target, which has no folder of ours. */
export const GATE_PATH = '/.cgo-deadlock-gate'
/** A sampler that does not answer must not keep the dump from being made. */
const PAUSE_MS = 500
/** A line of the sampler is bounded by its own design; a longer one is junk. */
const SAMPLER_LINE_BYTES = 4 * 1024 * 1024

export interface SessionPlan {
  readonly id: string
  readonly image: string
  readonly toolsImage: string
  readonly command: readonly string[]
  readonly runOptions: readonly string[]
  /** Holds the program at its first instruction until a debugger comes (native/gate); part of the containers' names */
  readonly held?: boolean
  /** Is to be at work in the target; null: none was asked for */
  readonly guard: Guard | null
}

/** What a session tells as it happens; times are milliseconds since the target's start, on the monotonic clock. */
export interface SessionEvents {
  output(chunk: Buffer, atMs: number): void
  samplerLine(line: string, atMs: number): void
  samplerEnded(detail: string, atMs: number): void
  exited(exit: Exit, atMs: number): void
  /** Nothing more is heard of the target, and the engine does not say how it ended */
  lost(detail: string, atMs: number): void
}

/** A program under way and what watches it, wherever that is. */
export interface WatchSession {
  /** Milliseconds since the target's start */
  now(): number
  /** The target has ended */
  readonly exited: Promise<void>
  /** The sampler keeps still while gdb has the process stopped: two tracers can't hold one thread */
  pauseSampler(): Promise<void>
  resumeSampler(): void
  /** Starts the sampler once more after it was lost */
  restartSampler(): void
}

/** A target under way and the sidecar that watches it. */
export interface Session extends WatchSession {
  readonly host: Host
  readonly target: string
  readonly sidecar: string
}

/**
 * Creates both containers, starts the target, then the sidecar: a pid namespace can be joined only after its
 * container started.
 * @throws CommandError when the engine refuses; containers made so far carry the run's label and go with it
 */
export async function openSession(
  host: Host,
  asked: SessionPlan,
  events: SessionEvents,
  signal: AbortSignal,
): Promise<Session> {
  const plan = await withGuard(host, asked)
  const names = `cgo-deadlock-${plan.id}${plan.held === true ? '-held' : ''}`
  const target = `${names}-target`
  const sidecar = `${names}-sidecar`
  const gate = plan.held === true ? await gateBefore(host, plan) : {}
  await createTarget(host, { ...plan, ...gate, name: target, runId: plan.id })
  await createSidecar(host, {
    name: sidecar,
    runId: plan.id,
    image: plan.toolsImage,
    target,
    command: [toolPath('progress'), '--interval', String(SAMPLER_INTERVAL_MS)],
  })
  if (plan.held === true) {
    const from = { name: sidecar, path: toolPath('gate') }
    await copyBetween(host, from, { name: target, path: GATE_PATH })
  }
  await plan.guard?.put(host, { sidecar, target })
  let startedAt = performance.now()
  const now = (): number => performance.now() - startedAt

  const running = startAttached(host, target, {
    onOutput: (chunk) => events.output(chunk, now()),
  })
  const exited = running.finished.then(async () => {
    const atMs = now()
    const exit = await readExit(host, target).catch(errorMessage)
    if (typeof exit === 'string') events.lost(exit, atMs)
    else events.exited(exit, atMs)
  })
  const { agoMs, running: alive } = await waitForStart(host, target, running, signal)
  startedAt = Math.max(startedAt, performance.now() - agoMs)

  let sampler: Running | undefined
  let paused: () => void = () => undefined
  // A command can be run in the sidecar once that says something.
  let unwatched = plan.guard
  function startSampler(): void {
    const addChunk = splitLines(SAMPLER_LINE_BYTES, (line) => {
      if (line.startsWith('{"event":"paused"')) paused()
      unwatched?.watch(host, sidecar, 'natural')
      unwatched = null
      events.samplerLine(line, now())
    })
    sampler = startAttached(host, sidecar, {
      keepInput: true,
      onOutput: (chunk, stream) => {
        if (stream === 'stdout') addChunk(chunk)
      },
    })
    void sampler.finished.then((ended) => events.samplerEnded(describeLoss(ended), now()))
  }
  if (alive) startSampler()

  return {
    host,
    target,
    sidecar,
    exited,
    now,
    pauseSampler: () =>
      new Promise((resolve) => {
        const limit = setTimeout(resolve, PAUSE_MS)
        paused = () => {
          clearTimeout(limit)
          resolve()
        }
        sampler?.write('pause\n')
      }),
    resumeSampler: () => sampler?.write('resume\n'),
    restartSampler: startSampler,
  }
}

/** The plan with the run options that load the guard, where one was asked for. */
export async function withGuard<P extends Pick<SessionPlan, 'image' | 'runOptions' | 'guard'>>(
  host: Host,
  plan: P,
): Promise<P> {
  if (plan.guard === null) return plan
  return { ...plan, runOptions: await plan.guard.options(host, plan) }
}

/** The target's command with the gate before it: what the image would run becomes the gate's arguments. */
export async function gateBefore(
  host: Host,
  plan: Pick<SessionPlan, 'image' | 'command' | 'runOptions'>,
): Promise<{ entrypoint: string; command: string[]; runOptions: string[] }> {
  const image = await readEntry(host, plan.image)
  const given = plan.runOptions.find((option) => option.startsWith(ENTRYPOINT))
  const entrypoint = given === undefined ? image.entrypoint : [given.slice(ENTRYPOINT.length)]
  const command = plan.command.length > 0 || given !== undefined ? plan.command : image.command
  return {
    entrypoint: GATE_PATH,
    command: [...entrypoint, ...command],
    runOptions: plan.runOptions.filter((option) => option !== given),
  }
}

function describeLoss(ended: Finished): string {
  const said = ended.stderrTail.trim().split('\n').at(-1) ?? ''
  return `the sampler ended with code ${ended.exitCode ?? '?'}${said === '' ? '' : `: ${said}`}`
}
