import { createTarget, removeContainers, startAttached } from '../container/containers.js'
import type { Host } from '../container/containers.js'
import { errorMessage } from '../errors.js'
import { readTraceback } from '../traceback/read.js'
import type { Traceback } from '../traceback/schema.js'
import { blindText, unwinds } from '../traceback/words.js'
import type { CellDeps } from './deps.js'
import type { NaturalPlan } from './natural.js'

/** It takes a second, and a container's start. */
const SPIN_MS = 30_000
const OUTPUT_BYTES_MAX = 1024 * 1024

/** What was seen, or why nothing was. */
export interface TracebackLook {
  readonly traceback: Traceback | null
  readonly warnings: readonly string[]
}

const NO_LOOK: TracebackLook = { traceback: null, warnings: [] }

/**
 * Has the built-in program show what its symbolizer makes of C++ code that throws nothing. Never fails the run: what
 * can't be had is a warning.
 */
export async function lookAtTraceback(
  host: Host,
  plan: NaturalPlan,
  deps: CellDeps,
): Promise<TracebackLook> {
  const { subject, toolchain } = plan
  const builtIn = subject.kind === 'build' && subject.toolchain.program === undefined
  if (!builtIn || (toolchain?.symbolizer ?? null) === null) return NO_LOOK
  if (isAborted(deps.signal)) return NO_LOOK
  try {
    const traceback = await spin(host, plan, deps)
    return { traceback, warnings: unwinds(traceback) === false ? [blindText(traceback)] : [] }
  } catch (thrown) {
    if (isAborted(deps.signal)) return NO_LOOK
    const warning = `What the symbolizer sees could not be looked at: ${errorMessage(thrown)}`
    return { traceback: null, warnings: [warning] }
  } finally {
    await removeContainers(host, plan.id).catch(() => 0)
  }
}

/** Again and again: it may have come to be since. */
function isAborted({ aborted }: AbortSignal): boolean {
  return aborted
}

async function spin(host: Host, plan: NaturalPlan, deps: CellDeps): Promise<Traceback> {
  const { id, image, runOptions } = plan
  const name = `cgo-deadlock-${id}-spin`
  await createTarget(host, { name, runId: id, image, command: ['-spin'], runOptions })
  let output = ''
  const running = startAttached(host, name, {
    onOutput: (chunk) => {
      if (output.length < OUTPUT_BYTES_MAX) output += chunk.toString('utf8')
    },
  })
  const limit = setTimeout(() => running.stop(), SPIN_MS)
  const stop = (): void => running.stop()
  deps.signal.addEventListener('abort', stop, { once: true })
  const { exitCode, stderrTail } = await running.finished
  clearTimeout(limit)
  deps.signal.removeEventListener('abort', stop)
  const traceback = readTraceback(output)
  if (traceback !== null) return traceback
  const said = stderrTail.trim().split('\n').at(-1) ?? ''
  throw new Error(`the program ended with code ${exitCode ?? '?'}${said === '' ? '' : `: ${said}`}`)
}
