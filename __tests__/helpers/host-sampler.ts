import { join } from 'node:path'
import { scrubEnvironment } from '../../src/environment.js'
import { startSampler } from '../../src/host/sampler.js'
import type { HostSampler } from '../../src/host/sampler.js'
import { makePcReader } from '../../src/host/where.js'
import type { PcReader } from '../../src/host/where.js'
import { parseSamplerLine } from '../../src/watch/sampler.js'
import type { SamplerEvent } from '../../src/watch/types.js'

const WHERE = join(import.meta.dirname, '../../native/host/where.py')

export type Named<N extends SamplerEvent['event']> = Extract<SamplerEvent, { event: N }>

/** A test of an event's kind and, if wanted, of what it says. */
export function is<N extends SamplerEvent['event']>(
  name: N,
  wanted: (event: Named<N>) => boolean = () => true,
): (event: SamplerEvent) => event is Named<N> {
  return (event): event is Named<N> => event.event === name && wanted(event as Named<N>)
}

export interface HostWatch {
  readonly sampler: HostSampler
  readonly seen: readonly SamplerEvent[]
  /** The first event from `after` on that is wanted, past or future */
  readonly next: <U extends SamplerEvent>(
    wanted: (event: SamplerEvent) => event is U,
    after?: number,
  ) => Promise<U>
}

/** Reads program counters in gdb's Python. */
export function makeReader(): PcReader {
  return makePcReader({ script: WHERE, env: scrubEnvironment(process.env) })
}

/** Watches a process with the sampler of this host; an event that is none by the schema fails the test. */
export function watchHost(
  root: number,
  options: {
    readonly descendants?: boolean
    readonly intervalMs?: number
    readonly pcs?: PcReader
  } = {},
): HostWatch {
  const seen: SamplerEvent[] = []
  const waiting = new Set<() => void>()
  const sampler = startSampler({ root, descendants: true, ...options }, (event) => {
    const read = parseSamplerLine(JSON.stringify(event))
    if (read === null) throw new Error(`not an event: ${JSON.stringify(event)}`)
    seen.push(read)
    for (const check of waiting) check()
  })
  return {
    sampler,
    seen,
    next: (wanted, after = 0) =>
      new Promise((resolve) => {
        let at = after
        function check(): void {
          for (; at < seen.length; at += 1) {
            const event = seen[at]!
            if (!wanted(event)) continue
            waiting.delete(check)
            resolve(event)
            return
          }
        }
        waiting.add(check)
        check()
      }),
  }
}
