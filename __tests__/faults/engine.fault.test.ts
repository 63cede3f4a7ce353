import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { runStep } from '../helpers/runner.js'
import { testFault } from './fault.js'
import type { Fault } from './fault.js'
import { copySymbolizer, VULNERABLE } from '../helpers/images.js'

let folder: string
let silent: Server

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-faults-'))
  // Takes connections and never says a word.
  silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(join(folder, 'silent.sock'), resolve))
})
afterAll(async () => {
  silent.close()
  await rm(folder, { recursive: true, force: true })
})

const FAULTS: readonly Fault[] = [
  {
    name: 'no docker client, and no podman',
    limitSeconds: 20,
    exitCode: 1,
    outcome: null,
    says: ['docker: not installed. podman: not installed.', 'apt-get install docker.io'],
    run: async () => {
      await mkdir(join(folder, 'bin'))
      return runStep('run', { env: { PATH: join(folder, 'bin') } })
    },
  },
  {
    name: 'no daemon',
    limitSeconds: 20,
    exitCode: 1,
    outcome: null,
    says: ['Cannot connect to the Docker daemon', 'or set DOCKER_HOST to one that runs'],
    run: () =>
      runStep('run', {
        inputs: { engine: 'docker' },
        env: { DOCKER_HOST: `unix://${join(folder, 'nothing.sock')}` },
      }),
  },
  {
    name: 'a daemon that takes the call and never answers',
    limitSeconds: 60,
    exitCode: 1,
    outcome: null,
    says: ['docker: no answer within 20 s', 'or set DOCKER_HOST to one that runs'],
    run: () =>
      runStep('run', {
        inputs: { engine: 'docker' },
        env: { DOCKER_HOST: `unix://${join(folder, 'silent.sock')}` },
      }),
  },
  {
    name: 'an image that is not here and can’t be pulled',
    limitSeconds: 60,
    exitCode: 1,
    outcome: null,
    says: ["localhost:1/no/such:image is not here and can't be pulled", 'Load it (docker load)'],
    run: () => runStep('run', { inputs: { image: 'localhost:1/no/such:image' } }),
  },
  {
    name: 'a base image that is not here and can’t be pulled',
    limitSeconds: 60,
    exitCode: 1,
    outcome: null,
    says: ["localhost:1/no/base:1 is not here and can't be pulled", 'set image-registry'],
    run: () => runStep('run', { inputs: { 'base-image': 'localhost:1/no/base:1' } }),
  },
  {
    name: 'a build that fails: the symbolizer does not compile',
    limitSeconds: 180,
    exitCode: 1,
    outcome: null,
    says: ['The build of the reproducer image failed', 'Compiling the program', 'no_such_thing'],
    run: async () => {
      const symbolizer = join(folder, 'broken')
      await copySymbolizer(symbolizer)
      await appendFile(join(symbolizer, 'framepointer.go'), '\nvar _ = no_such_thing\n')
      return runStep('run', { inputs: { ...VULNERABLE, symbolizer } })
    },
  },
  {
    name: 'a build that fails: a module that nobody has',
    limitSeconds: 180,
    exitCode: 1,
    outcome: null,
    says: [/symbolizer.*nowhere\.invalid/s],
    run: () =>
      runStep('run', { inputs: { ...VULNERABLE, symbolizer: 'nowhere.invalid/mod@v1.0.0' } }),
  },
]

describe('an engine or a build that fails', () => {
  FAULTS.forEach(testFault)
})
