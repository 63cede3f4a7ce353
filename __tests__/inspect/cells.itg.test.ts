import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Host } from '../../src/container/containers.js'
import { withCreated } from '../../src/container/created.js'
import { findEngine } from '../../src/engine.js'
import { scrubEnvironment } from '../../src/environment.js'
import { runCommand } from '../../src/exec.js'
import { makeImages } from '../../src/experiment/images.js'
import { planCell } from '../../src/experiment/plan.js'
import { readInputs } from '../../src/inputs/inputs.js'
import { inspectImage, inspectTarget } from '../../src/inspect/inspect.js'
import type { Inspection } from '../../src/inspect/schema.js'
import { SILENT } from '../../src/log.js'
import { ALL_CELLS, BOUNDARY_CELLS } from '../helpers/cells.js'
import type { Cell } from '../helpers/cells.js'

const { signal } = new AbortController()
const env = scrubEnvironment(process.env)
let host: Host
let folder: string

beforeAll(async () => {
  host = { engine: await findEngine('docker', env), env }
  folder = await mkdtemp(join(tmpdir(), 'inspect-itg-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Builds what a cell's flags ask for. */
async function buildCell({ flags }: Pick<Cell, 'flags'>): Promise<string> {
  const given = new Map(
    flags.flatMap((flag, index) =>
      flag.startsWith('--') ? [[flag.slice(2), flags[index + 1] ?? ''] as const] : [],
    ),
  )
  const inputs = readInputs((name) => given.get(name) ?? '')
  const deps = { env, log: SILENT, signal }
  const plan = await planCell(inputs, {}, { folder, cwd: folder }, deps)
  return (await makeImages(plan, host, deps)).target
}

const MORE = ['glibc 2.31, no symbolizer', 'glibc 2.43, static libgcc 12']
const CELLS = [...BOUNDARY_CELLS, ...ALL_CELLS.filter(({ name }) => MORE.includes(name))]

/** What the runs of the ground truth say of a cell. */
function truthOf({ right }: Cell): Inspection['verdict'] {
  return right.includes('clean') ? 'safe' : 'vulnerable'
}

/** A program copied out of its image, without the libraries that it had there. */
async function copyProgram(image: string, name: string): Promise<string> {
  const file = join(folder, name)
  await withCreated(image, host, (container) =>
    runCommand('docker', ['cp', `${container}:/opt/cgo-deadlock/program`, file], {
      env,
      deadlineMs: 60_000,
    }),
  )
  return file
}

describe('what the files of a cell say', () => {
  it.each(CELLS)('$name: as the runs', async (cell) => {
    const image = await buildCell(cell)
    const inImage = await inspectImage({ image }, host, signal)
    expect(inImage.verdict, inImage.headline).toBe(truthOf(cell))
    expect(inImage.missing).toEqual([])
    expect(inImage.libc).toMatchObject({
      kind: 'glibc',
      version: /glibc (\d\.\d+)/.exec(cell.name)?.[1],
    })
    expect(inImage.reasons.every(({ evidence }) => evidence !== null)).toBe(true)

    const file = await copyProgram(image, `program-${CELLS.indexOf(cell)}`)
    const plan = { target: file, program: undefined, sysroot: undefined }
    const deps = { signal, findHost: () => Promise.resolve(host) }
    const alone = await inspectTarget(plan, deps)
    // Only a libgcc in the image is not at hand; what is linked in, or never entered, is.
    const elsewhere = inImage.unwinders.some(
      ({ linkage, usedBy }) => linkage === 'shared' && usedBy.includes('handler'),
    )
    expect(alone.verdict).toBe(elsewhere ? 'unknown' : truthOf(cell))
  })
})

describe('an image that does not say which program it runs', () => {
  it('is asked for it', async () => {
    const wanted = { image: 'debian:trixie' }
    await expect(inspectImage(wanted, host, signal)).rejects.toThrow('--program PATH')
    const found = await inspectImage({ ...wanted, program: '/bin/true' }, host, signal)
    expect(found).toMatchObject({ verdict: 'safe', go: null, libc: { version: '2.41' } })
  })

  it('is looked into through a container that is gone afterwards', async () => {
    const name = await withCreated('debian:trixie', host, (container) => Promise.resolve(container))
    const args = ['container', 'inspect', name]
    const options = { env, deadlineMs: 60_000, allowFailure: true }
    expect((await runCommand('docker', args, options)).exitCode).not.toBe(0)
  })

  it('is no image', async () => {
    await expect(inspectImage({ image: 'no/such:image' }, host, signal)).rejects.toThrow(
      'docker pull no/such:image',
    )
  })
})
