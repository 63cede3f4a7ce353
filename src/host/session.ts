import { constants } from 'node:os'
import { performance } from 'node:perf_hooks'
import { ConfigurationError, errorMessage } from '../errors.js'
import { startGroup } from '../exec.js'
import type { Group, GroupOptions } from '../exec.js'
import type { SessionEvents, WatchSession } from '../experiment/session.js'
import { codeOf } from './proc.js'
import { startSampler } from './sampler.js'
import type { PcReader } from './where.js'

/** A program that is asked to end has this long for it. */
const GRACE_MS = 2000
const DRAIN_MS = 1000

export interface HostCommand extends Omit<GroupOptions, 'onOutput'> {
  readonly command: string
  readonly args: readonly string[]
  readonly pcs: PcReader
}

/** A program of the user's own under way on this host, and the sampler that watches it. */
export interface HostSession extends WatchSession {
  readonly pid: number
  /** Ends the program with all that it started; asked first when `gently`. Nothing of it is left afterwards. */
  end(gently: boolean): Promise<void>
}

/**
 * Starts the program in a process group of its own, watched.
 * @throws ConfigurationError when it can't be started
 */
export async function openHostSession(
  command: HostCommand,
  events: SessionEvents,
): Promise<HostSession> {
  const begun = performance.now()
  const now = (): number => performance.now() - begun
  const group = await startGroup(command.command, command.args, {
    ...command,
    onOutput: (chunk) => events.output(chunk, now()),
  }).catch((thrown: unknown) => {
    throw cannotStart(command.command, thrown)
  })
  const sampler = startSampler({ root: group.pid, descendants: true, pcs: command.pcs }, (event) =>
    events.samplerLine(JSON.stringify(event), now()),
  )
  const exited = group.exited.then(({ code, signal }) => {
    const number = signal === null ? null : constants.signals[signal]
    events.exited({ code, signal: number, oomKilled: false }, now())
  })
  const letGo = endWithUs(group)
  return {
    pid: group.pid,
    now,
    exited,
    pauseSampler: () => sampler.pause(),
    resumeSampler: () => sampler.resume(),
    restartSampler: () => undefined,
    end: async (gently) => {
      const pids = sampler.pids()
      sampler.stop()
      if (gently) {
        group.kill('SIGTERM')
        await within(exited, GRACE_MS)
      }
      group.kill('SIGKILL')
      for (const pid of pids) killStray(pid)
      letGo()
      await within(group.closed, DRAIN_MS)
    },
  }
}

/**
 * The program is in no terminal's foreground, so what ends us at once (a closed terminal, a second Ctrl-C) must end it.
 * @returns takes the handlers away
 */
function endWithUs(group: Group): () => void {
  const end = (): void => group.kill('SIGKILL')
  const hangUp = (): void => process.exit(128 + constants.signals.SIGHUP)
  process.on('exit', end).on('SIGHUP', hangUp)
  return () => process.off('exit', end).off('SIGHUP', hangUp)
}

function cannotStart(command: string, thrown: unknown): ConfigurationError {
  const why =
    { ENOENT: 'there is no such program', EACCES: 'it is not executable' }[codeOf(thrown)] ??
    errorMessage(thrown)
  return new ConfigurationError(
    `${JSON.stringify(command)} can't be started: ${why}. Give a program and its arguments after --, such as: watch -- ./program --flag`,
  )
}

/** A descendant that left the group. */
function killStray(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

async function within(work: Promise<unknown>, limitMs: number): Promise<void> {
  let limit: NodeJS.Timeout | undefined
  await Promise.race([
    work,
    new Promise((resolve) => {
      limit = setTimeout(resolve, limitMs)
    }),
  ])
  clearTimeout(limit)
}
