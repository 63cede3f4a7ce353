import type { Host } from '../container/containers.js'
import { lookForEngine } from '../engine.js'
import { CommandError } from '../errors.js'

const DISK_FULL = /no space left on device/i

/**
 * Adds to a command's failure what it comes from and what to do, where that can be told: a full disk, an engine that has
 * gone. Anything else is given back as it is.
 */
export async function explainFailure(thrown: unknown, { engine, env }: Host): Promise<unknown> {
  if (!(thrown instanceof CommandError)) return thrown
  const advice = DISK_FULL.test(`${thrown.message} ${thrown.failure.stderrTail}`)
    ? `A disk is full: \`df\` shows which one; if it is the engine's, \`${engine.name} system prune\` removes what nothing uses.`
    : await adviseOnEngine(engine.name, env)
  return advice === null
    ? thrown
    : new CommandError(`${advice}\n${thrown.message}`, thrown.failure, { cause: thrown })
}

async function adviseOnEngine(name: 'docker' | 'podman', env: Host['env']): Promise<string | null> {
  const found = await lookForEngine(name, env)
  if (typeof found !== 'string') return null
  return `${name} does not answer any more (${found}) Look at its log (journalctl -u docker), start it, then run this again.`
}
