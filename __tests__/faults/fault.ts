import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { leftContainers, leftProcesses } from '../helpers/leftovers.js'
import { runStep } from '../helpers/runner.js'
import type { StepRun } from '../helpers/runner.js'
import { runnerCommands } from '../helpers/runner-log.js'

const LOG_LIMIT_BYTES = 1024 * 1024
/** Files that every run with an outcome leaves. */
const REPORTS = ['result.json', 'report.html']
/** All that our own log may make the runner do. */
const OWN_COMMANDS = new Set([
  ...['group', 'endgroup', 'debug', 'error', 'warning', 'notice', 'stop-commands'],
])

/** A fault that is really made, and how a step must take it. */
export interface Fault {
  readonly name: string
  /** The step must have ended by then */
  readonly limitSeconds: number
  /** Null: ended by a signal */
  readonly exitCode: 0 | 1 | null
  /** Null: an error of our own, no verdict */
  readonly outcome: string | null
  /** What the log says: what was wrong, and what to do */
  readonly says: readonly (string | RegExp)[]
  /** The reports, where there is no room for both */
  readonly keeps?: readonly string[]
  /** Files of evidence besides the reports */
  readonly evidence?: readonly string[]
  /** Containers that it can't remove itself, since the daemon is gone; post does */
  readonly leaves?: 'to-post'
  /** Makes the fault and takes it back again */
  readonly run: () => Promise<StepRun>
  /** What else is to be seen */
  readonly check?: (step: StepRun) => void | Promise<void>
  /** Where its containers were */
  readonly daemon?: () => Readonly<Record<string, string>>
}

/** What a fault came to, for docs/reliability.md. */
export interface FaultRecord {
  readonly name: string
  readonly limitSeconds: number
  readonly seconds: number
  readonly end: string
  readonly said: string
}

declare module 'vitest' {
  interface TaskMeta {
    fault?: FaultRecord
  }
}

/** Declares the test of a fault. */
export function testFault(fault: Fault): void {
  it(fault.name, async ({ task }) => {
    const step = await fault.run()
    task.meta.fault = describe(fault, step)
    expect(step.tookMs / 1000, step.log.slice(-2000)).toBeLessThan(fault.limitSeconds)
    expect([step.exitCode, step.outputs['outcome'] ?? null], step.log.slice(-3000)).toEqual([
      fault.exitCode,
      fault.outcome,
    ])
    const errors = messages(step)
    for (const words of fault.says) {
      expect(errors, step.log.slice(-3000)).toMatch(
        words instanceof RegExp ? words : RegExp(escape(words)),
      )
    }
    checkLog(step.log)
    checkEvidence(fault, step)
    await checkLeftovers(fault, step)
    await fault.check?.(step)
  })
}

/** Errors, warnings and notices, and the verdict, as a reader sees them. */
function messages({ log }: StepRun): string {
  return log.replaceAll('%25', '%').replaceAll('%0A', '\n').replaceAll('%3A', ':')
}

function escape(words: string): string {
  return words.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** No trace of our own code, nothing but our own commands, and no more of it than somebody can read. */
function checkLog(log: string): void {
  expect(log).not.toMatch(/^ {4}at |UnhandledPromise|node:internal/m)
  expect(Buffer.byteLength(log)).toBeLessThan(LOG_LIMIT_BYTES)
  const strange = runnerCommands(log).filter(({ name }) => !OWN_COMMANDS.has(name))
  expect(strange).toEqual([])
}

function checkEvidence({ outcome, keeps = REPORTS, evidence = [] }: Fault, step: StepRun): void {
  if (outcome === null) return
  const folder = dirname(step.outputs['result-path'] ?? '')
  const missing = [...keeps, ...evidence].filter((name) => !existsSync(join(folder, name)))
  expect(missing).toEqual([])
}

async function checkLeftovers(fault: Fault, step: StepRun): Promise<void> {
  expect(leftProcesses(step.session)).toEqual([])
  const runId = step.state['run-id']
  if (runId === undefined) return
  const engine = step.state['engine']
  const daemon = fault.daemon?.() ?? {}
  if (fault.leaves === undefined) expect(await leftContainers(runId, engine, daemon)).toEqual([])
  const state = { 'STATE_run-id': runId, STATE_engine: engine ?? '' }
  const post = await runStep('run-post', { env: { ...state, ...daemon } })
  expect([post.exitCode, runnerCommands(post.log)]).toEqual([0, []])
  expect(await leftContainers(runId, engine, daemon)).toEqual([])
}

function describe(fault: Fault, step: StepRun): FaultRecord {
  const errors = runnerCommands(messages(step)).filter(({ name }) => name === 'error')
  const headline = step.outputs['headline'] ?? errors.at(-1)?.message ?? ''
  const code = step.exitCode === null ? 'killed' : `exit code ${step.exitCode}`
  return {
    name: fault.name,
    limitSeconds: fault.limitSeconds,
    seconds: step.tookMs / 1000,
    end: `${step.outputs['outcome'] ?? 'error'}, ${code}`,
    said: headline,
  }
}
