import { z } from 'zod'
import { copyBetween, readEntry, startInside, toolPath } from '../container/containers.js'
import type { Host } from '../container/containers.js'
import { GUARD_PATH, preloadGuard } from '../mitigation/guard.js'
import type { GuardSeen, Part } from '../mitigation/judge.js'
import { splitLines } from './lines.js'

/** Longer than any run; it ends with its container. */
const LIMIT_MS = 7 * 3_600_000
const LINE_BYTES = 4096

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
  /** Processes that had it loaded */
  seen(): readonly GuardSeen[]
}

const Line = z.object({ event: z.literal('guard'), pid: z.int(), calls: z.number() })

export function makeGuard(): Guard {
  const seen = new Map<string, GuardSeen>()
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
      const add = splitLines(LINE_BYTES, (line) => {
        const found = parseLine(line)
        if (found === null) return
        seen.set(`${part} ${found.pid}`, { part, pid: found.pid, called: found.calls > 0 })
      })
      startInside(host, sidecar, [toolPath('guard', 'seen'), GUARD_PATH], {
        deadlineMs: LIMIT_MS,
        onOutput: (chunk, stream) => {
          if (stream === 'stdout') add(chunk)
        },
      })
    },
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
