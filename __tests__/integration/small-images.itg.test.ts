import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCellFromCommandLine } from '../helpers/command-line.js'
import type { CommandLineRun } from '../helpers/command-line.js'
import { leftContainers } from '../helpers/leftovers.js'
import { C_PROGRAMS, CORPUS, makeSmallImage, removeImages } from '../helpers/small-image.js'
import type { SmallImage } from '../helpers/small-image.js'
import { installTools } from '../helpers/tools.js'

const made: string[] = []

beforeAll(() => installTools({ gcc: 'gcc', 'musl-gcc': 'musl-tools', readelf: 'binutils' }))
afterAll(() => removeImages(made))

async function watch(small: SmallImage, ...flags: string[]): Promise<CommandLineRun> {
  const image = await makeSmallImage(small)
  made.push(image)
  const limits = ['--experiment', 'natural', '--duration', '20s', '--stall-timeout', '5s']
  const run = await runCellFromCommandLine(['--image', image, ...limits, ...flags])
  expect(await leftContainers(run.result.id)).toEqual([])
  return run
}

/** The process id that the program has printed as its own. */
async function printedPid({ folder }: CommandLineRun): Promise<number> {
  const output = await readFile(join(folder, 'output.log'), 'utf8')
  return Number(/pid (\d+)/.exec(output)?.[1])
}

const order = join(C_PROGRAMS, 'order.c')
const pool = join(C_PROGRAMS, 'pool.c')

/** Images without a shell, a package manager or any file but the program's own. */
const KINDS: readonly (readonly [string, readonly string[]])[] = [
  ['glibc, dynamic', ['gcc']],
  ['glibc, static', ['gcc', '-static']],
  ['musl, dynamic', ['musl-gcc']],
  ['musl, static', ['musl-gcc', '-static']],
]

describe.each(KINDS)('an image with nothing but a program: %s', (_name, compiler) => {
  it('has its deadlock found and proven, while the program goes on printing', async () => {
    const run = await watch({ source: order, compiler })
    const { result } = run
    expect(result.outcome).toBe('deadlock')
    expect(result.ending.reason).toBe('confirmed')
    expect(result.diagnosis).toMatchObject({ class: 'lock-cycle', confidence: 'proven' })
    const pid = await printedPid(run)
    expect(result.diagnosis?.culprits.map((culprit) => culprit.pid)).toEqual([pid, pid])
    expect(result.headline).toMatch(/mutex left.*mutex right|mutex right.*mutex left/)
    expect(result.diagnosis?.story.length).toBeGreaterThanOrEqual(3)
  })

  it('has mutexes without an owner told by nobody being left', async () => {
    const { result } = await watch({ source: join(CORPUS, 'lock-cycle.c'), compiler })
    expect(result.outcome).toBe('deadlock')
    expect(result.diagnosis?.class).toBe('lock-cycle')
  })

  it('is clean when its threads wait for work, and stalled when it falls silent with them', async () => {
    const quick = ['--duration', '8s']
    expect((await watch({ source: pool, compiler }, ...quick)).result.outcome).toBe('clean')
    const silent = await watch({ source: pool, compiler }, '--command', 'silent')
    expect(silent.result.outcome).toBe('stalled')
    expect(silent.result.diagnosis).toMatchObject({ class: 'idle', failure: 'none' })
  })
})

describe('a program of another user, which nobody else may read', () => {
  it('is looked into where it lies, 0700 in a home of 0700', async () => {
    const run = await watch({
      ...{ source: order, compiler: ['gcc'], user: 1000 },
      ...{ path: '/home/somebody/program', mode: 0o700 },
    })
    expect(run.result.outcome).toBe('deadlock')
    expect(run.result.diagnosis).toMatchObject({ class: 'lock-cycle', confidence: 'proven' })
    expect(run.result.diagnosis?.unread).toEqual([])
    expect(run.result.warnings).toEqual([])
    const threads = await readFile(join(run.folder, 'threads.txt'), 'utf8')
    expect(threads).toContain('right_first')
  })
})

describe('several processes', () => {
  it('are all watched: the one of twelve children that is stuck is named', async () => {
    const run = await watch({ source: join(C_PROGRAMS, 'family.c'), compiler: ['gcc', '-static'] })
    const pid = await printedPid(run)
    expect(run.result.outcome).toBe('deadlock')
    expect(run.result.diagnosis?.culprits.map((culprit) => culprit.pid)).toEqual([pid, pid])
  })

  it('know each other: a lock that a child inherited is proven by its parent’s threads', async () => {
    const source = join(CORPUS, 'fork-inherited.c')
    const { result } = await watch({ source, compiler: ['gcc', '-static'] })
    expect(result.outcome).toBe('deadlock')
    expect(result.diagnosis).toMatchObject({ class: 'fork-inherited', confidence: 'proven' })
  })
})
