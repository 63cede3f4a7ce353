import {
  copyBetween,
  createSidecar,
  createTarget,
  startAttached,
  toolPath,
  waitForStart,
} from '../container/containers.js'
import type { Host } from '../container/containers.js'
import { gdbInContainer } from './dump.js'
import { recordOutput } from './output.js'
import type { OutputRecord } from './output.js'
import type { Guard } from './guard.js'
import { gateBefore, GATE_PATH, withGuard } from './session.js'
import type { SweepGround } from './sweep.js'
import { GATE_HOLDS, sweeperInSidecar } from './sweeper.js'

/** The target's init; the gate is below it. */
const INIT = 1

export interface SweepGroundPlan {
  readonly id: string
  readonly image: string
  readonly toolsImage: string
  readonly command: readonly string[]
  /** A map takes more processes at once; a sweep if absent */
  readonly purpose?: keyof typeof GATE_HOLDS
  readonly runOptions: readonly string[]
  /** Is to be at work in the target; null: none was asked for */
  readonly guard: Guard | null
}

/** Containers in which a program waits to be swept, again and again. */
export interface OpenGround extends SweepGround {
  readonly output: OutputRecord
  /** What the target ended with, once it has: it does not by itself */
  readonly ended: () => string | null
}

/**
 * Creates a target whose gate starts the program afresh for each sweep, and a sidecar to sweep from.
 * @throws CommandError when the engine refuses; containers made so far carry the run's label and go with it
 */
export async function openSweepGround(
  host: Host,
  asked: SweepGroundPlan,
  signal: AbortSignal,
): Promise<OpenGround> {
  const plan = await withGuard(host, asked)
  const target = `cgo-deadlock-${plan.id}-sweep-target`
  const sidecar = `cgo-deadlock-${plan.id}-sweep-sidecar`
  const gate = await gateBefore(host, plan)
  const command = ['--again', String(GATE_HOLDS[plan.purpose ?? 'sweep']), ...gate.command]
  await createTarget(host, { ...plan, ...gate, command, name: target, runId: plan.id })
  await createSidecar(host, {
    name: sidecar,
    runId: plan.id,
    image: plan.toolsImage,
    target,
    command: ['sleep', 'infinity'],
  })
  await copyBetween(
    host,
    { name: sidecar, path: toolPath('gate') },
    { name: target, path: GATE_PATH },
  )
  await plan.guard?.put(host, { sidecar, target })
  const output = recordOutput()
  const running = startAttached(host, target, { onOutput: (chunk) => output.add(chunk, 0) })
  let ended: string | null = null
  void running.finished.then(({ exitCode }) => {
    ended = `the container ended with code ${exitCode ?? '?'}`
  })
  await waitForStart(host, target, running, signal)
  const beside = startAttached(host, sidecar, {})
  await waitForStart(host, sidecar, beside, signal)
  plan.guard?.watch(host, sidecar, 'sweep')
  return {
    pid: INIT,
    held: true,
    sweeper: sweeperInSidecar(host, sidecar),
    gdb: gdbInContainer(host, sidecar),
    output,
    ended: () => ended,
  }
}
