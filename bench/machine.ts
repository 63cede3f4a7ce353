import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import type { Engine } from '../src/engine.js'
import { version } from '../src/version.js'

/** What a figure of the bench is true for, in one sentence. */
export function describeMachine({ name, version: engineVersion }: Engine): string {
  const model = cpus()[0]?.model.trim() ?? 'an unknown processor'
  const memory = Math.round(totalmem() / 1024 ** 3)
  return (
    `${new Date().toISOString().slice(0, 10)}, cgo-deadlock-action ${version} on ${availableParallelism()} cores ` +
    `(${model}), ${memory} GiB, ${type()} ${release()}, ${name} ${engineVersion}, ` +
    `Node ${process.versions.node}, load ${(loadavg()[0] ?? 0).toFixed(1)} when it began`
  )
}
