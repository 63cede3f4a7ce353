import type { Host } from '../container/containers.js'
import { errorMessage } from '../errors.js'
import { parseSamplerLine } from '../watch/sampler.js'
import type { CellDeps } from './deps.js'
import { gdbInSidecar } from './dump.js'
import { examine } from './examine.js'
import type { Examination } from './examine.js'
import type { ReadyPlan } from './plan.js'
import { openSession } from './session.js'

/** The second run has as long as the first took to crash, several times over, within these. */
const HOLD_FACTOR = 5
const HOLD_MIN_SECONDS = 10
const HOLD_MAX_SECONDS = 60
/** The sampler names a new process within a tick or two. */
const FIND_MS = 15_000

/** A crash explained, or why it could not be. */
export type CrashReport =
  { readonly examination: Examination } | { readonly examination: null; readonly reason: string }

/**
 * A crashed process is gone. So the program runs once more, from its first instruction under gdb, which stops it just
 * before the same signal reaches it, where every stack still stands. Never throws.
 */
export async function explainCrash(
  host: Host,
  plan: ReadyPlan,
  crash: { readonly signal: string; readonly atMs: number },
  deps: CellDeps,
): Promise<CrashReport> {
  deps.log.progress(`Running it once more, to stop it just before ${crash.signal}`)
  try {
    const seconds = Math.ceil((HOLD_FACTOR * crash.atMs) / 1000)
    const bounded = Math.min(HOLD_MAX_SECONDS, Math.max(HOLD_MIN_SECONDS, seconds))
    return await holdAt(host, plan, { signals: [crash.signal], seconds: bounded }, deps)
  } catch (thrown) {
    return { examination: null, reason: errorMessage(thrown) }
  }
}

async function holdAt(
  host: Host,
  plan: ReadyPlan,
  hold: { readonly signals: readonly string[]; readonly seconds: number },
  deps: CellDeps,
): Promise<CrashReport> {
  let found: (pid: number) => void = () => undefined
  const pid = new Promise<number>((resolve) => {
    found = resolve
  })
  const session = await openSession(
    host,
    { ...plan, held: true },
    {
      output: () => undefined,
      samplerEnded: () => undefined,
      lost: () => undefined,
      exited: () => undefined,
      samplerLine: (line) => {
        const event = parseSamplerLine(line)
        if (event?.event === 'process') found(event.pid)
      },
    },
    deps.signal,
  )
  const gate = await within(pid, FIND_MS)
  if (gate === null) return { examination: null, reason: 'the program did not start again' }
  await session.pauseSampler()
  const [examination] = await examine(gdbInSidecar(session), {
    pids: [gate],
    mode: 'full',
    first: [],
    commands: plan.gdbCommands,
    hold,
    observations: [],
    context: { toolchain: plan.toolchain },
  })
  if (examination === undefined || examination.process.signal === null) {
    return {
      examination: null,
      reason: `it did not come to ${hold.signals.join(' or ')} again within ${hold.seconds} s`,
    }
  }
  return { examination }
}

async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs)
  })
  const first = await Promise.race([promise, limit])
  clearTimeout(timer)
  return first
}
