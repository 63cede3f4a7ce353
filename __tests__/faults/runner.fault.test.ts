import { randomUUID } from 'node:crypto'
import { appendFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { leftContainers } from '../helpers/leftovers.js'
import { cancelAt, once, runStep } from '../helpers/runner.js'
import type { StepOptions, StepRun } from '../helpers/runner.js'
import { FAULT_TOOLS, installTools } from '../helpers/tools.js'
import { testFault } from './fault.js'
import type { Fault } from './fault.js'
import { copySymbolizer, prepareImages, VULNERABLE } from '../helpers/images.js'

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
const WORKS = {
  image: 'debian:trixie',
  command: `perl -e '$|=1; while (1) { $x += $_ for 1..1e5; print "$x\\n" }'`,
  experiment: 'natural',
  duration: '4s',
}
/** The runner waits 7.5 s for a cancelled step to end by itself. */
const PATIENCE_SECONDS = 7.5

let folder: string
let broken: { readonly url: string; readonly close: () => void }
let silent: typeof broken

beforeAll(async () => {
  await installTools(FAULT_TOOLS)
  folder = await realpath(await mkdtemp(join(tmpdir(), 'runner-faults-')))
  broken = await serve((server) =>
    server.on('request', (_request, response) => response.writeHead(500).end('{}')),
  )
  silent = await serve((server) => server.on('request', () => undefined))
  await prepareImages(VULNERABLE)
})
afterAll(async () => {
  broken.close()
  silent.close()
  await rm(folder, { recursive: true, force: true })
})

async function serve(answer: (server: Server) => void): Promise<typeof broken> {
  const server = createServer()
  answer(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** An artifact service at an address; the token is of the form that the client wants. */
function serviceAt(url: string): Record<string, string> {
  const claims = Buffer.from('{"scp":"Actions.Results:11:22"}').toString('base64url')
  return { ACTIONS_RESULTS_URL: url, ACTIONS_RUNTIME_TOKEN: `e30.${claims}.x` }
}

/** Mounts a small disk for `work` and takes it away again. */
const disks: string[] = []
afterEach(async () => {
  for (const disk of disks.splice(0)) await execa('umount', ['--lazy', disk])
})

async function onSmallDisk<T>(options: string, work: (path: string) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(folder, 'disk-'))
  await execa('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  // It goes after the test, which still looks at what was kept on it.
  disks.push(path)
  return work(path)
}

const KEPT = { exitCode: 0, outcome: 'clean' } as const

const SERVICES: readonly Fault[] = [
  {
    name: 'there is no artifact service',
    limitSeconds: 40,
    says: ['could not be uploaded as an artifact', 'It is on this runner, in /'],
    run: () => runStep('run', { inputs: WORKS }),
    ...KEPT,
  },
  {
    name: 'the artifact service answers 500',
    limitSeconds: 120,
    says: ['could not be uploaded as an artifact', '500', 'It is on this runner, in /'],
    run: () => runStep('run', { inputs: WORKS, env: serviceAt(broken.url) }),
    ...KEPT,
  },
  {
    name: 'the artifact service takes the call and never answers',
    limitSeconds: 120,
    says: [
      'could not be uploaded as an artifact',
      /no answer within \d+ s/,
      'on this runner, in /',
    ],
    run: () => runStep('run', { inputs: WORKS, env: serviceAt(silent.url) }),
    ...KEPT,
  },
]

const DISKS: readonly Fault[] = [
  {
    name: 'the summary’s file can’t be written',
    limitSeconds: 40,
    says: ['The step summary could not be written', 'has correct read/write permissions'],
    run: () =>
      onSmallDisk('size=64k', async (disk) => {
        const files = { output: join(disk, 'o'), state: join(disk, 's'), summary: join(disk, 'm') }
        for (const file of Object.values(files)) await writeFile(file, '')
        const commandFiles = {
          output: join(folder, 'output'),
          state: join(folder, 'state'),
          summary: files.summary,
        }
        await writeFile(commandFiles.output, '')
        await writeFile(commandFiles.state, '')
        await execa('mount', ['-o', 'remount,ro', disk])
        return runStep('run', { inputs: { ...WORKS, upload: 'never' }, commandFiles })
      }),
    ...KEPT,
  },
  {
    name: 'the runner’s disk is full',
    limitSeconds: 60,
    exitCode: 1,
    outcome: 'deadlock',
    says: [
      /waits for itself/,
      /\w+\.(txt|log|html) could not be written: ENOSPC: no space left on device/,
    ],
    keeps: ['result.json'],
    run: () =>
      onSmallDisk('size=80k', (disk) =>
        runStep('run', {
          inputs: { ...VULNERABLE, experiment: 'natural', upload: 'never' },
          env: { RUNNER_TEMP: disk },
        }),
      ),
  },
]

const CLOCK: readonly Fault[] = [
  {
    name: 'the wall clock jumps an hour ahead and two hours back',
    limitSeconds: 40,
    says: ['No deadlock'],
    run: async () => {
      const offset = join(folder, 'offset')
      await writeFile(offset, '+0')
      const jump = (by: string, afterMs: number): void =>
        void setTimeout(() => void writeFile(offset, by), afterMs)
      return runStep('run', {
        inputs: { ...WORKS, upload: 'never' },
        env: {
          LD_PRELOAD: FAKETIME,
          FAKETIME_TIMESTAMP_FILE: offset,
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        },
        onLog: once('Watching', () => {
          jump('+3600', 500)
          jump('-3600', 2000)
        }),
      })
    },
    check: (step) => {
      expect(step.tookMs).toBeGreaterThan(4_000)
    },
    ...KEPT,
  },
]

const PATHS: readonly Fault[] = [
  {
    name: 'the work path has spaces, quotes and a dollar in it',
    limitSeconds: 180,
    exitCode: 0,
    outcome: 'clean',
    says: ['No deadlock'],
    run: async () => {
      const work = join(folder, `it's a "work" $(path) \`here\` — ü`)
      await mkdir(work)
      await copySymbolizer(join(work, 'my symbolizer'))
      const inputs = { ...VULNERABLE, symbolizer: './my symbolizer', experiment: 'natural' }
      return runStep('run', {
        folder: work,
        inputs: { ...inputs, duration: '5s', upload: 'never' },
      })
    },
    check: (step) => {
      expect(dirname(step.outputs['result-path'] ?? '').startsWith(step.folder)).toBe(true)
    },
  },
]

/** A step cancelled in a phase: what it says there, and how far it has come. */
const PHASES: readonly (Pick<Fault, 'name' | 'exitCode' | 'outcome' | 'says'> & {
  readonly at: string
  readonly inputs: Readonly<Record<string, string>>
  readonly env?: () => Record<string, string>
  readonly prepare?: (work: string) => Promise<void>
})[] = [
  {
    name: 'cancelled while it builds',
    at: 'Compiling the program',
    exitCode: 1,
    outcome: null,
    says: ['Cancelled before there was a result'],
    // A module that nobody built before.
    inputs: { ...VULNERABLE, symbolizer: './new' },
    prepare: async (work) => {
      await copySymbolizer(join(work, 'new'))
      await appendFile(join(work, 'new', 'framepointer.go'), `\n// ${randomUUID()}\n`)
    },
  },
  {
    name: 'cancelled while the program runs',
    at: 'Watching the program',
    exitCode: 1,
    outcome: 'cancelled',
    says: ['The run was cancelled'],
    inputs: { ...WORKS, duration: '5m', upload: 'never' },
  },
  {
    name: 'cancelled while gdb looks into the program',
    at: 'looking into the process with gdb',
    exitCode: 1,
    outcome: 'cancelled',
    says: ['The run was cancelled'],
    inputs: { ...VULNERABLE, experiment: 'natural', upload: 'never' },
  },
  {
    name: 'cancelled while it uploads',
    at: 'Root directory input is valid',
    exitCode: 0,
    outcome: 'clean',
    says: ['could not be uploaded as an artifact', 'on this runner, in /'],
    inputs: WORKS,
    env: () => serviceAt(silent.url),
  },
]

const CANCELS: readonly Fault[] = PHASES.map(({ at, inputs, env, prepare, ...fault }) => ({
  ...fault,
  limitSeconds: 120,
  run: async () => {
    const work = await realpath(await mkdtemp(join(folder, 'work-')))
    await prepare?.(work)
    return runCancelled(at, work, { inputs, env: env?.() ?? {} })
  },
  check: (step) => {
    expect(afterCancel.get(step)).toBeLessThan(PATIENCE_SECONDS)
  },
}))

/** Step → seconds from SIGINT to its end. */
const afterCancel = new WeakMap<StepRun, number>()

async function runCancelled(
  at: string,
  work: string,
  options: Pick<StepOptions, 'inputs' | 'env'>,
): Promise<StepRun> {
  let cancelledAt: number | undefined
  const cancel = cancelAt(at)
  const step = await runStep('run', {
    ...options,
    folder: work,
    onLog: (log, kill) => {
      cancel(log, (signal) => {
        cancelledAt ??= performance.now()
        kill(signal)
      })
    },
  })
  if (cancelledAt === undefined) throw new Error(`never came to ${at}: ${step.log}`)
  afterCancel.set(step, (performance.now() - cancelledAt) / 1000)
  return step
}

describe('a runner with a fault', () => {
  ;[...SERVICES, ...DISKS, ...CLOCK, ...PATHS, ...CANCELS].forEach(testFault)
})

describe('two runs side by side', () => {
  it('do not disturb each other, and leave nothing', async () => {
    const [safe, hanging] = await Promise.all([
      runStep('run', { inputs: { ...WORKS, duration: '10s', upload: 'never' } }),
      runStep('run', { inputs: { ...VULNERABLE, experiment: 'natural', upload: 'never' } }),
    ])
    expect(safe.outputs['outcome']).toBe('clean')
    expect(['deadlock', 'livelock']).toContain(hanging.outputs['outcome'])
    for (const { state } of [safe, hanging]) {
      expect(await leftContainers(state['run-id'])).toEqual([])
    }
  })
})
