import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { copyBetween, readEntry, startInside, toolPath } from '../container/containers.js'
import type { Host } from '../container/containers.js'
import type { Running } from '../exec.js'
import { GUARD_PATH, preloadGuard } from '../mitigation/guard.js'
import type { GuardSeen, Part } from '../mitigation/judge.js'
import { splitLines } from './lines.js'

/** Longer than any run; it ends with its container. */
const LIMIT_MS = 7 * 3_600_000
const LINE_BYTES = 4096
const SETTLE_MS = 20_000

/** Puts the guard into the containers of a run, and keeps what is seen of it there. */
export interface Guard {
  /** The run options with the preload. @throws CommandError when the engine does not know the image */
  options(
    host: Host,
    plan: { readonly image: string; readonly runOptions: readonly string[] },
  ): Promise<readonly string[]>
  /** Into a target that was created and not started. @throws CommandError */
  put(host: Host, names: { readonly sidecar: string; readonly target: string }): Promise<void>
  /** Looks from a running sidecar, until that ends */
  watch(host: Host, sidecar: string, part: Part): void
  /** Waits until each look so far has seen all processes once: on a busy machine it may begin late */
  settle(): Promise<void>
  /** Looks no more: an engine's client may outlive the container that it looks from */
  leave(): void
  /** Processes that had it loaded */
  seen(): readonly GuardSeen[]
}

const Line = z.discriminatedUnion('event', [
  z.object({ event: z.literal('guard'), pid: z.int(), calls: z.number() }),
  z.object({ event: z.literal('looked') }),
])

export function makeGuard(): Guard {
  const seen = new Map<string, GuardSeen>()
  const looking: { readonly running: Running; readonly looked: Promise<void> }[] = []
  return {
    options: async (host, { image, runOptions }) =>
      preloadGuard(runOptions, (await readEntry(host, image)).env),
    put: (host, { sidecar, target }) =>
      copyBetween(
        host,
        { name: sidecar, path: toolPath('guard', 'guard.so') },
        { name: target, path: GUARD_PATH },
      ),
    watch: (host, sidecar, part) => {
      let settle: () => void = () => undefined
      const looked = new Promise<void>((resolve) => {
        settle = resolve
      })
      const add = splitLines(LINE_BYTES, (line) => {
        const found = parseLine(line)
        if (found?.event === 'looked') settle()
        if (found?.event !== 'guard') return
        seen.set(`${part} ${found.pid}`, { part, pid: found.pid, called: found.calls > 0 })
      })
      const running = startInside(host, sidecar, [toolPath('guard', 'seen'), GUARD_PATH], {
        deadlineMs: LIMIT_MS,
        onOutput: (chunk, stream) => {
          if (stream === 'stdout') add(chunk)
        },
      })
      void running.finished.then(settle)
      looking.push({ running, looked })
    },
    settle: async () => {
      const limit = new AbortController()
      await Promise.race([
        Promise.all(looking.map(({ looked }) => looked)),
        setTimeout(SETTLE_MS, undefined, { signal: limit.signal }).catch(() => undefined),
      ])
      limit.abort()
    },
    leave: () => looking.splice(0).forEach(({ running }) => running.stop()),
    seen: () => [...seen.values()],
  }
}

function parseLine(line: string): z.infer<typeof Line> | null {
  try {
    return Line.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}
