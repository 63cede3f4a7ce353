import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import type { BuiltImages } from '../../src/image/build.js'
import { runStep } from '../helpers/runner.js'
import type { StepOptions, StepRun } from '../helpers/runner.js'
import { makeSecondDaemon } from '../helpers/second-daemon.js'
import type { SecondDaemon } from '../helpers/second-daemon.js'
import { FAULT_TOOLS, hostEnvironment, installTools } from '../helpers/tools.js'
import { testFault } from './fault.js'
import type { Fault } from './fault.js'
import { prepareImages, VULNERABLE } from '../helpers/images.js'

/** Hangs within seconds, so that gdb is called. */
const HANGS = {
  ...VULNERABLE,
  experiment: 'natural',
  'stall-timeout': '3s',
  duration: '15s',
  upload: 'never',
}
const WORKS = `perl -e '$|=1; while (1) { $x += $_ for 1..1e5; print "$x\\n" }'`
/** Lets everything through but what gdb needs to look into a process; old engines and kernels did the same by themselves. */
const NO_PTRACE = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [
    { names: ['ptrace', 'process_vm_readv'], action: 'SCMP_ACT_ERRNO', args: [], comment: '' },
  ],
}

let daemon: SecondDaemon
let images: BuiltImages

beforeAll(async () => {
  await installTools(FAULT_TOOLS)
  images = await prepareImages(VULNERABLE)
  daemon = await makeSecondDaemon()
  await daemon.start()
  await daemon.load([images.reproducer, images.tools, 'debian:trixie', 'debian:bullseye'])
  await daemon.docker('tag', images.tools, 'tools:whole')
})
afterAll(() => daemon.remove())
afterEach(() => daemon.docker('tag', 'tools:whole', images.tools))

function run(
  inputs: Readonly<Record<string, string>>,
  onLog?: NonNullable<StepOptions['onLog']>,
): Promise<StepRun> {
  const env = { ...daemon.environment }
  return runStep('run', { inputs, env, ...(onLog === undefined ? {} : { onLog }) })
}

/** Kills the daemon when the step's log holds the words; once the step has ended, the daemon is back for the clean-up. */
async function runWithDeath(
  words: string,
  inputs: Readonly<Record<string, string>>,
): Promise<StepRun> {
  let death: Promise<void> | undefined
  const step = await run(inputs, (log) => {
    if (log.includes(words)) death ??= daemon.kill()
  })
  if (death === undefined) throw new Error(`never came to ${words}: ${step.log}`)
  await death
  await daemon.start()
  return step
}

/** Changes the sidecar's image by a line of shell. */
async function breakTools(line: string): Promise<void> {
  const dockerfile = `FROM tools:whole\nRUN ${line}\n`
  const env = { ...hostEnvironment(), ...daemon.environment, DOCKER_BUILDKIT: '0' }
  await execa('docker', ['build', '--quiet', '--tag', images.tools, '-'], {
    input: dockerfile,
    env,
  })
}

/** A gdb that is a script of one line. */
async function breakGdb(line: string): Promise<StepRun> {
  await breakTools(`printf '#!/bin/sh\\n${line}\\n' > /usr/bin/gdb`)
  return run(HANGS)
}

const onDaemon = { daemon: () => daemon.environment }

const DEATHS: readonly Fault[] = [
  {
    name: 'the daemon is killed during the build',
    limitSeconds: 60,
    exitCode: 1,
    outcome: null,
    says: ['docker does not answer any more', 'Look at its log'],
    run: () => runWithDeath('Reading package lists', { ...VULNERABLE, symbolizer: 'none' }),
    ...onDaemon,
  },
  {
    name: 'the daemon is killed while the program runs',
    limitSeconds: 60,
    exitCode: 1,
    outcome: 'inconclusive',
    says: ['The watch was lost', 'Cannot connect to the Docker daemon'],
    leaves: 'to-post',
    run: () =>
      runWithDeath('Watching', {
        image: 'debian:trixie',
        experiment: 'natural',
        command: WORKS,
        upload: 'never',
      }),
    ...onDaemon,
  },
  {
    name: 'the daemon is killed while gdb looks into the program',
    limitSeconds: 90,
    exitCode: 1,
    outcome: 'inconclusive',
    says: ['The watch was lost', 'Cannot connect to the Docker daemon'],
    leaves: 'to-post',
    run: () => runWithDeath('looking into the process', HANGS),
    ...onDaemon,
  },
]

const DISKS: readonly Fault[] = [
  {
    name: 'the daemon’s disk is full: no container can be made',
    limitSeconds: 60,
    exitCode: 1,
    outcome: null,
    says: ['no space left on device', 'docker system prune'],
    run: () => onFullDisk({ image: 'debian:trixie', experiment: 'natural', command: WORKS }),
    ...onDaemon,
  },
  {
    name: 'the daemon’s disk is full: no image can be built',
    limitSeconds: 60,
    exitCode: 1,
    outcome: null,
    says: ['no space left on device', 'docker system prune'],
    run: () => onFullDisk({ ...VULNERABLE, symbolizer: 'none' }),
    ...onDaemon,
  },
]

async function onFullDisk(inputs: Readonly<Record<string, string>>): Promise<StepRun> {
  await daemon.fillDisk()
  try {
    return await run(inputs)
  } finally {
    await daemon.freeDisk()
  }
}

/** The program does hang; without a dump nobody can say why. */
const UNEXPLAINED = {
  exitCode: 1,
  outcome: 'stalled',
  evidence: ['output.log'],
  ...onDaemon,
} as const

const DEBUGGERS: readonly Fault[] = [
  {
    name: 'gdb is missing',
    limitSeconds: 60,
    says: [/no deadlock is proven/i, /could not be looked into.*gdb/],
    run: async () => {
      await breakTools('rm /usr/bin/gdb')
      return run(HANGS)
    },
    ...UNEXPLAINED,
  },
  {
    name: 'gdb crashes',
    limitSeconds: 60,
    says: [/no deadlock is proven/i, /could not be looked into.*gdb ended with code/],
    run: () => breakGdb('kill -SEGV $$'),
    ...UNEXPLAINED,
  },
  {
    name: 'gdb hangs',
    limitSeconds: 180,
    says: [/no deadlock is proven/i, /could not be looked into.*gdb was ended from outside/],
    run: () => breakGdb('exec sleep 1000'),
    ...UNEXPLAINED,
  },
  {
    name: 'gdb is refused ptrace',
    limitSeconds: 60,
    says: [
      /no deadlock is proven/i,
      /could not be looked into.*allow it in the engine’s seccomp profile/,
    ],
    run: async () => {
      const profile = join(tmpdir(), `no-ptrace-${process.pid}.json`)
      await writeFile(profile, JSON.stringify(NO_PTRACE))
      await daemon.kill()
      await daemon.start('--seccomp-profile', profile)
      try {
        return await run(HANGS)
      } finally {
        await daemon.kill()
        await daemon.start()
      }
    },
    ...UNEXPLAINED,
  },
  {
    name: 'the sampler dies again and again',
    limitSeconds: 60,
    exitCode: 1,
    outcome: 'inconclusive',
    says: ['The watch was lost', 'the sampler ended with code'],
    run: async () => {
      const tool = '/opt/cgo-deadlock/progress'
      const line = `exec timeout -s KILL 2 ${tool}-whole "$@"`
      await breakTools(
        `mv ${tool} ${tool}-whole && printf '#!/bin/sh\\n${line}\\n' > ${tool} && chmod +x ${tool}`,
      )
      return run({ image: 'debian:trixie', experiment: 'natural', command: WORKS, upload: 'never' })
    },
    ...onDaemon,
  },
]

describe('on a second daemon', () => {
  DEATHS.forEach(testFault)
  DISKS.forEach(testFault)
  DEBUGGERS.forEach(testFault)
})
