import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Diagnosis } from '../../src/diagnosis/schema.js'
import { findEngine } from '../../src/engine.js'
import { scrubEnvironment } from '../../src/environment.js'
import { HostResult } from '../../src/host/result.js'
import { ensureImage } from '../../src/image/base.js'
import { SILENT } from '../../src/log.js'
import type { Outcome } from '../../src/result/schema.js'
import { bundleAll, ENTRIES } from '../../scripts/bundle.js'
import { makeFolder } from '../helpers/native.js'
import { ROOT } from '../helpers/runner.js'

/** What the corpus' dumps are explained as; see __tests__/diagnosis/corpus.test.ts. */
interface Expected {
  readonly class: Diagnosis['class']
  readonly failure: Diagnosis['failure']
  readonly except?: Record<string, { readonly class?: Diagnosis['class'] }>
}

const DUMPS = join(ROOT, '__tests__/fixtures/dumps')
const SOURCES = join(DUMPS, 'programs')
const NAME = `cgo-deadlock-corpus-${randomBytes(5).toString('hex')}`
/** They hang by the unwinder that is there */
const UNWINDING = ['signal-reentrancy', 'signal-unlock', 'signal-elsewhere']
const FLAGS = ['watch', '--json', '--stall-timeout', '6s', '--duration', '30s', '--']
const FAULTS: readonly string[] = ['deadlock', 'livelock', 'crash', 'terminated']

const programs = globSync(join(SOURCES, '*.{c,cpp}'))
  .map((file) => basename(file).replace(/\.\w+$/, ''))
  .filter((name) => !UNWINDING.includes(name))
  .sort()

let folder: Awaited<ReturnType<typeof makeFolder>>

function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(join(DUMPS, name, 'expected.json'), 'utf8')) as Expected
}

function checkExpected(name: string, result: HostResult): void {
  const expected = expectedOf(name)
  const others = Object.values(expected.except ?? {}).map((other) => other.class)
  expect([expected.class, ...others]).toContain(result.diagnosis?.class)
  const found = FAULTS.includes(expected.failure) ? expected.failure : 'stalled'
  expect(result).toMatchObject({ outcome: found, conclusion: 'fail' })
}

beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => folder.remove())

describe('watch on this machine', () => {
  const here = (): string => join(folder.path, 'here')

  beforeAll(async () => {
    cpSync(SOURCES, here(), { recursive: true })
    await execa('sh', ['compile.sh', '-O1'], { cwd: here() })
  })

  async function watchHere(name: string): Promise<HostResult> {
    const main = join(ROOT, 'src/cli/main.ts')
    const { stdout, stderr } = await execa(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), main, ...FLAGS, `./${name}`],
      { cwd: here(), reject: false },
    )
    if (stdout === '') throw new Error(`no result: ${stderr}`)
    return HostResult.parse(JSON.parse(stdout))
  }

  it.each(programs)('gives %s its exact class', async (name) => {
    checkExpected(name, await watchHere(name))
    expect(existsSync(join(here(), 'core'))).toBe(false)
  })

  it.each(UNWINDING)('claims no deadlock of %s with an unwinder without the lock', async (name) => {
    const path = (await execa('gcc', ['-print-file-name=libgcc_s.so.1'])).stdout
    const safe = readFileSync(path).includes('_dl_find_object')
    const { diagnosis } = await watchHere(name)
    const hangs = diagnosis?.failure === 'deadlock' || diagnosis?.failure === 'livelock'
    expect(hangs).toBe(!safe)
  })
})

describe('watch on Debian 11: glibc 2.31, gdb 10, no debug symbols', () => {
  beforeAll(async () => {
    const tool = join(folder.path, 'tool')
    await bundleAll(
      ENTRIES.filter((entry) => entry.folder === 'cli'),
      join(tool, 'dist'),
    )
    for (const part of ['gdb', 'host'])
      cpSync(join(ROOT, 'native', part), join(tool, 'native', part), { recursive: true })
    const env = scrubEnvironment(process.env)
    const engine = await findEngine('docker', env)
    await ensureImage('docker.io/library/debian:bullseye', {
      ...{ engine, env, log: SILENT, folder: folder.path },
      ...{ imageRegistry: undefined, aptMirror: undefined },
    })
    await execa('docker', [
      ...['build', '--quiet', '--tag', NAME, '--target', 'plain'],
      ...['--build-arg', 'SUITE=bullseye', SOURCES],
    ])
    await execa('docker', [
      ...['run', '--detach', '--rm', '--name', NAME, '--init', '--network', 'none'],
      ...['--cap-add', 'SYS_PTRACE', NAME, 'sleep', '1800'],
    ])
    await execa('docker', ['cp', tool, `${NAME}:/opt/tool`])
    await execa('docker', ['cp', '--follow-link', process.execPath, `${NAME}:/usr/local/bin/node`])
  })
  afterAll(async () => {
    await execa('docker', ['rm', '--force', NAME], { reject: false })
    await execa('docker', ['rmi', NAME], { reject: false })
  })

  async function watchThere(name: string): Promise<HostResult> {
    const command = ['node', '/opt/tool/dist/cli/index.js', ...FLAGS, `./${name}`]
    const { stdout, stderr } = await execa(
      'docker',
      ['exec', '--workdir', '/src', NAME, ...command],
      { reject: false },
    )
    if (stdout === '') throw new Error(`no result: ${stderr}`)
    return HostResult.parse(JSON.parse(stdout))
  }

  // Chance decides where in the unwinder the first deadly signal lands; each place has its own end.
  it.each<[string, Outcome[], (string | null)[]]>([
    ['signal-reentrancy', ['deadlock', 'livelock'], ['lock', 'unlock', null]],
    ['signal-unlock', ['deadlock', 'livelock'], ['unlock', null]],
    ['signal-elsewhere', ['livelock', 'terminated', 'crash'], [null]],
  ])('names the thread, the signal and the window of %s', async (name, outcomes, windows) => {
    const { diagnosis, outcome, conclusion } = await watchThere(name)
    expect(outcomes).toContain(outcome)
    expect(conclusion).toBe('fail')
    if (outcome === 'terminated' || outcome === 'crash') return
    const [culprit] = diagnosis?.culprits ?? []
    expect(diagnosis?.class).toBe('signal-reentrancy')
    // Into the ring that a handler left in libgcc's list any thread may run.
    expect(['thrower', ...(outcome === 'livelock' ? ['bystander'] : [])]).toContain(culprit?.name)
    expect(windows).toContain(culprit?.window)
    expect(outcome === 'deadlock').toBe(culprit?.window !== null)
    if (outcome === 'deadlock') expect(culprit?.signal?.name).toBe('SIGPROF')
  })

  it.each(['loader-cycle', 'malloc-handler', 'segfault', 'busy', 'idle-pool', 'slow-owner'])(
    'gives %s its exact class',
    async (name) => {
      checkExpected(name, await watchThere(name))
    },
  )

  it('explains a core from its image on a machine with other libraries', async () => {
    const inside = ['exec', '--workdir', '/src', NAME]
    await execa('docker', [...inside, 'sh', '-c', './lock-cycle & sleep 1'])
    await execa('docker', [...inside, 'sh', '-c', 'gcore -o /tmp/core $(pgrep -n lock-cycle)'])
    const { stdout: core } = await execa('docker', [...inside, 'sh', '-c', 'ls /tmp/core.*'])
    await execa('docker', ['cp', `${NAME}:${core}`, join(folder.path, 'core')])
    const main = join(ROOT, 'src/cli/main.ts')
    const { stdout, stderr } = await execa(process.execPath, [
      ...['--import', import.meta.resolve('tsx'), main, 'diagnose', '--json'],
      ...['--core', join(folder.path, 'core'), '--image', NAME],
    ])
    expect(stderr).toBe('')
    const diagnosis = JSON.parse(stdout) as Diagnosis
    expect(diagnosis).toMatchObject({ class: 'lock-cycle', confidence: 'proven' })
    expect(diagnosis.culprits).toHaveLength(2)
    const made = ['--filter', `ancestor=${NAME}`, '--filter', 'name=-files$']
    const left = await execa('docker', ['ps', '--all', '--quiet', ...made])
    expect(left.stdout).toBe('')
  })
})
