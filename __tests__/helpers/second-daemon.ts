import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCommand } from '../../src/exec.js'
import { hostEnvironment } from './tools.js'

const DISK_BYTES = 3 * 1024 ** 3
const COMMAND_MS = 120_000
const ANSWER_MS = 60_000
const POLL_MS = 100

/** A Docker daemon that may be broken: nobody else uses it. */
export interface SecondDaemon {
  /** What leads a client to it */
  readonly environment: Readonly<Record<string, string>>
  docker(...args: string[]): Promise<string>
  /** Takes over images of the first daemon */
  load(images: readonly string[]): Promise<void>
  /** Starts it, with arguments more than the usual; returns when it answers */
  start(...args: string[]): Promise<void>
  /** Ends it with SIGKILL; its containers live on */
  kill(): Promise<void>
  /** Leaves nothing of its disk */
  fillDisk(): Promise<void>
  freeDisk(): Promise<void>
  /** Ends it and all that it started */
  remove(): Promise<void>
}

/**
 * Makes a daemon beside the machine's own. It lives in namespaces of its own for network, mounts and processes, so that
 * it finds no bridge, no firewall rule and no process of the first one; its disk is a file. When the first process of
 * those namespaces ends, the kernel takes all the rest along.
 */
export async function makeSecondDaemon(): Promise<SecondDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'second-daemon-'))
  const disk = join(folder, 'disk')
  const socket = join(folder, 'docker.sock')
  const cgroup = `second-daemon-${process.pid}`
  await mkdir(disk)
  await writeFile(join(folder, 'image'), '')
  await run('truncate', ['--size', String(DISK_BYTES), join(folder, 'image')])
  await run('mkfs.ext4', ['-q', '-F', '-m', '0', join(folder, 'image')])
  const { first, inside } = await makeNamespaces(folder)
  const environment = { DOCKER_HOST: `unix://${socket}` }
  const docker = async (...args: string[]): Promise<string> =>
    (await run('docker', args, environment)).stdout
  let daemon: ChildProcess | undefined

  async function start(...args: string[]): Promise<void> {
    // By way of a shell, so that its output goes to a file.
    const logged = ['-c', 'exec "$@" >> "$0" 2>&1', join(folder, 'log'), 'dockerd']
    daemon = inside('sh', [
      ...logged,
      ...['--host', environment.DOCKER_HOST, '--data-root', disk],
      ...['--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')],
      ...['--cgroup-parent', `/${cgroup}`, ...args],
    ])
    try {
      await until(async () => (await docker('version').catch(() => '')) !== '')
    } catch (thrown) {
      const log = await readFile(join(folder, 'log'), 'utf8')
      throw new Error(`dockerd does not answer: ${log.slice(-2000)}`, { cause: thrown })
    }
  }

  return {
    environment,
    docker,
    start,
    load: async (images) => {
      const archive = join(folder, 'images.tar')
      await run('docker', ['save', '--output', archive, ...images])
      await docker('load', '--quiet', '--input', archive)
      await rm(archive)
    },
    kill: async () => {
      if (daemon?.exitCode !== null || daemon.signalCode !== null) return
      const gone = once(daemon, 'exit')
      await finished(inside('kill', ['-KILL', await readFile(join(folder, 'pid'), 'utf8')]))
      await gone
    },
    fillDisk: async () => {
      const file = join(disk, 'ballast')
      for (const block of ['1M', '512']) {
        const output = [`of=${file}`, 'oflag=append', 'conv=notrunc']
        await finished(inside('dd', ['if=/dev/zero', ...output, `bs=${block}`, 'status=none']))
      }
    },
    freeDisk: async () => {
      await finished(inside('rm', ['-f', join(disk, 'ballast')]))
    },
    remove: async () => {
      const gone = once(first, 'exit')
      first.kill('SIGKILL')
      await gone
      await until(() => removeCgroups(cgroup))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Namespaces {
  /** Its end is the end of all in them */
  readonly first: ChildProcess
  readonly inside: (command: string, args: readonly string[]) => ChildProcess
}

async function makeNamespaces(folder: string): Promise<Namespaces> {
  const ready = join(folder, 'ready')
  const script = [
    'mount -o loop "$1/image" "$1/disk"',
    'ip link set lo up',
    'touch "$1/ready"',
    // A shell that waits takes in the dead; dockerd would take a dead containerd for one that runs.
    'while sleep 0.1; do :; done',
  ].join(' && ')
  const spaces = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child']
  const first = spawnQuietly('unshare', [...spaces, 'sh', '-c', script, 'sh', folder])
  await until(() => Promise.resolve(existsSync(ready)))
  const children = await readFile(`/proc/${first.pid}/task/${first.pid}/children`, 'utf8')
  const enter = ['--target', children.trim(), '--net', '--mount', '--pid']
  return { first, inside: (command, args) => spawnQuietly('nsenter', [...enter, command, ...args]) }
}

function spawnQuietly(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, args, { env: hostEnvironment(), stdio: 'ignore' })
}

async function finished(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string }> {
  return runCommand(command, args, {
    env: { ...hostEnvironment(), ...env },
    deadlineMs: COMMAND_MS,
  })
}

/** Groups outlive the daemon; they can go once their last process is gone. */
async function removeCgroups(name: string): Promise<boolean> {
  const found = ['-depth', '-type', 'd', '-path', `*/${name}*`, '-exec', 'rmdir', '{}', '+']
  return run('find', ['/sys/fs/cgroup', ...found]).then(
    () => true,
    () => false,
  )
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + ANSWER_MS
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${ANSWER_MS / 1000} s`)
    await sleep(POLL_MS)
  }
}
