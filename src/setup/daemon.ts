import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigurationError } from '../errors.js'
import { runCommand, startDetached } from '../exec.js'
import { isExecutable } from '../programs.js'
import type { HostAccess } from './apt.js'

const START_MS = 60_000
const ANSWER_MS = 90_000
const PROBE_MS = 10_000
const POLL_MS = 250
const LOG_FILE = '/var/log/cgo-deadlock-dockerd.log'
const LOG_TAIL_LINES = 5

/** Files in which dockerd notes that a process of that name runs (as moby's daemon and its containerd supervisor do). */
const PID_FILES = [
  { file: '/var/run/docker.pid', process: 'dockerd' },
  { file: '/var/run/docker/containerd/containerd.pid', process: 'containerd' },
] as const

/**
 * Starts the Docker daemon that is installed here: as a service where that works, else by itself, its output in a file.
 * Returns when it answers; it is left running.
 * @throws ConfigurationError with the end of its log when it does not answer within 90 s
 */
export async function startDaemon(access: HostAccess): Promise<void> {
  if (await answers(access)) {
    access.log.info('The Docker daemon runs; its package started it. It is left running.')
    return
  }
  const service = await startService(access)
  if (service !== null && (await waitForAnswer(access, () => Promise.resolve(true)))) {
    access.log.info(`Docker daemon started (${service}). It is left running.`)
    return
  }
  if (service !== null) {
    throw new ConfigurationError(
      `\`${service}\` went through, but the Docker daemon does not answer after ${ANSWER_MS / 1000} s. ` +
        'Look at its log (`journalctl -u docker` or /var/log/docker.log), start it, then run this again.',
    )
  }
  await startAlone(access)
}

/** The command that started the service, or null where there is no service manager that could. */
async function startService(access: HostAccess): Promise<string | null> {
  const command = (await isExecutable('/run/systemd/system'))
    ? (['systemctl', 'start', 'docker'] as const)
    : (await isExecutable('/etc/init.d/docker'))
      ? (['service', 'docker', 'start'] as const)
      : null
  if (command === null) return null
  const [name, ...rest] = command
  access.log.info(`Starting the Docker daemon: ${command.join(' ')}.`)
  const started = await runCommand(name, rest, {
    env: access.env,
    deadlineMs: START_MS,
    allowFailure: true,
    ...(access.signal === undefined ? {} : { signal: access.signal }),
  })
  if (started.exitCode === 0) return command.join(' ')
  access.log.debug(`${command.join(' ')}: ${started.stderr.trim()}`)
  return null
}

async function startAlone(access: HostAccess): Promise<void> {
  for (const note of PID_FILES) await removeStaleNote(note.file, note.process)
  access.log.info(`Starting the Docker daemon by itself: dockerd, output in ${LOG_FILE}.`)
  const pid = await startDetached('dockerd', [], { env: access.env, logFile: LOG_FILE })
  if (await waitForAnswer(access, () => isNamed(pid, 'dockerd'))) {
    access.log.info(
      `Docker daemon started: dockerd, process ${pid}. It is left running; \`kill ${pid}\` ends it.`,
    )
    return
  }
  const log = await readFile(LOG_FILE, 'utf8').catch(() => '')
  throw new ConfigurationError(
    `dockerd was started (process ${pid}), but does not answer. The end of ${LOG_FILE}:\n` +
      log.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n'),
  )
}

/** After a machine was stopped hard, dockerd takes any process with the noted id for itself and refuses to start. */
async function removeStaleNote(file: string, name: string): Promise<void> {
  const noted = await readFile(file, 'utf8').catch(() => null)
  if (noted !== null && !(await isNamed(Number(noted), name))) await rm(file, { force: true })
}

async function isNamed(pid: number, name: string): Promise<boolean> {
  const running = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
  return running.trim() === name
}

async function waitForAnswer(access: HostAccess, lives: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + ANSWER_MS
  while (performance.now() < end) {
    if (await answers(access)) return true
    if (!(await lives())) return false
    await sleep(POLL_MS, undefined, access.signal === undefined ? {} : { signal: access.signal })
  }
  return false
}

async function answers(access: HostAccess): Promise<boolean> {
  const probe = await runCommand('docker', ['version', '--format', '{{.Server.Version}}'], {
    env: access.env,
    deadlineMs: PROBE_MS,
    allowFailure: true,
    ...(access.signal === undefined ? {} : { signal: access.signal }),
  })
  return probe.exitCode === 0
}
