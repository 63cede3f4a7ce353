import { createTarget, removeContainers, runToEnd } from '../container/containers.js'
import type { Host } from '../container/containers.js'
import { errorMessage } from '../errors.js'
import { readTraceback } from '../traceback/read.js'
import type { Traceback } from '../traceback/schema.js'
import { blindText, unwinds } from '../traceback/words.js'
import type { CellDeps } from './deps.js'
import { isBuiltIn } from './plan.js'
import type { ReadyPlan } from './plan.js'

/** It takes a second, and a container's start. */
const SPIN_MS = 30_000

/** What was seen, or why nothing was. */
export interface TracebackLook {
  readonly traceback: Traceback | null
  readonly warnings: readonly string[]
}

/** Where there is nothing to look at. */
export const NO_LOOK: TracebackLook = { traceback: null, warnings: [] }

/**
 * Has the built-in program show what its symbolizer makes of C++ code that throws nothing. Never fails the run: what
 * can't be had is a warning.
 */
export async function lookAtTraceback(
  host: Host,
  plan: ReadyPlan,
  deps: CellDeps,
): Promise<TracebackLook> {
  const { subject, toolchain } = plan
  if (!isBuiltIn(subject) || (toolchain?.symbolizer ?? null) === null) return NO_LOOK
  try {
    const traceback = await spin(host, plan, deps)
    return { traceback, warnings: unwinds(traceback) === false ? [blindText(traceback)] : [] }
  } catch (thrown) {
    if (deps.signal.aborted) return NO_LOOK
    const warning = `What the symbolizer sees could not be looked at: ${errorMessage(thrown)}`
    return { traceback: null, warnings: [warning] }
  } finally {
    await removeContainers(host, plan.id).catch(() => 0)
  }
}

async function spin(host: Host, plan: ReadyPlan, { signal }: CellDeps): Promise<Traceback> {
  const { id, image, runOptions } = plan
  const name = `cgo-deadlock-${id}-spin`
  await createTarget(host, { name, runId: id, image, command: ['-spin'], runOptions })
  const ended = await runToEnd(host, name, { deadlineMs: SPIN_MS, signal })
  const traceback = readTraceback(ended.stdout)
  if (traceback !== null) return traceback
  const said = ended.stderr.trim().split('\n').at(-1) ?? ''
  const words = said === '' ? '' : `: ${said}`
  throw new Error(
    ended.timedOut
      ? `the program did not end within ${SPIN_MS / 1000} s`
      : `the program ended with code ${ended.exitCode ?? '?'}${words}`,
  )
}
