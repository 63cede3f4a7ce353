import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scrubEnvironment } from '../../src/environment.js'
import { runMatrix } from '../../src/experiment/matrix.js'
import type { MatrixEvent } from '../../src/experiment/matrix.js'
import { SILENT } from '../../src/log.js'
import { findResults } from '../../src/matrix-files/find-results.js'
import { planCells } from '../../src/matrix/cells.js'
import { readResult } from '../../src/matrix/read-results.js'
import { makeSpec, table } from '../helpers/matrix.js'

const CELLS_MS = 900_000
const plan = planCells(
  makeSpec({
    axes: { glibc: ['2.41'], command: ['-threads 1', '-threads 2'], experiment: ['natural'] },
    with: { duration: '2s' },
    include: [{ glibc: '2.41', symbolizer: './nowhere' }],
  }),
)

function run(
  folder: string,
  since: Date,
  tell: (event: MatrixEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const deps = { env: scrubEnvironment(process.env), cwd: folder, log: SILENT, signal }
  return runMatrix({ cells: plan.cells, folder, since, atOnce: 1, tell }, deps)
}

it(
  'builds an image once for all its cells, is interrupted, and goes on where it stopped',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'matrix-run-'))
    const since = new Date()
    const controller = new AbortController()
    const first: MatrixEvent[] = []
    const interrupted = run(
      folder,
      since,
      (event) => {
        first.push(event)
        if (event.kind === 'finished') controller.abort()
      },
      controller.signal,
    )
    await expect(interrupted).rejects.toThrow()
    const done = first.filter((event) => event.kind === 'finished')
    expect(done.map(({ outcome }) => outcome)).toEqual(['clean'])
    expect(first.filter((event) => event.kind === 'building').length).toBeLessThanOrEqual(2)
    const kept = join(folder, 'cells', done[0]?.cell.slug ?? '', 'result.json')
    const writtenAt = (await stat(kept)).mtimeMs

    const second: MatrixEvent[] = []
    await run(folder, since, (event) => second.push(event), new AbortController().signal)
    expect((await stat(kept)).mtimeMs).toBe(writtenAt)
    expect(second.flatMap((event) => (event.kind === 'finished' ? [event.kept] : []))).toEqual([
      true,
      false,
    ])
    expect((await readdir(folder)).toSorted()).toEqual(['cells', 'images'])

    const results = (await findResults(folder)).map(readResult)
    const compat = table({ plan, results })
    expect(compat.cells.map(({ state }) => state)).toEqual(['decided', 'decided', 'missing'])
    expect(compat.cells[2]?.headline).toMatch(/no go\.mod in .*nowhere/)
    expect(compat.conclusion).toBe('neither')
    expect(await readFile(kept, 'utf8')).toContain('"clean"')
  },
  CELLS_MS,
)

it(
  'does not take the results of an older run for its own',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'matrix-run-'))
    const events: MatrixEvent[] = []
    const { signal } = new AbortController()
    await run(folder, new Date(), () => undefined, signal)
    await run(folder, new Date(), (event) => events.push(event), signal)
    expect(events.flatMap((event) => (event.kind === 'finished' ? [event.kept] : []))).toEqual([
      false,
      false,
    ])
  },
  CELLS_MS,
)
