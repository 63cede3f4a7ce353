import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'

const RUN_FILE = 'run.json'
const CELLS = 'cells'
/** Why a cell has no result. */
export const ERROR_FILE = 'error.txt'

/** What a folder of results remembers of the run that made it. */
export const RunRecord = z.object({
  schemaVersion: z.literal(1),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  spec: z.object({ name: z.string(), text: z.string() }),
  cells: z.array(z.string()).describe('Slugs of the cells that were wanted'),
})

export type RunRecord = z.infer<typeof RunRecord>

/** The record of the run that the folder holds; null where it holds none that can be read. */
export async function readRun(folder: string): Promise<RunRecord | null> {
  const text = await readFile(join(folder, RUN_FILE), 'utf8').catch(() => 'null')
  try {
    return RunRecord.parse(JSON.parse(text))
  } catch {
    return null
  }
}

export async function writeRun(folder: string, record: RunRecord): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, RUN_FILE), `${JSON.stringify(record, null, 2)}\n`)
}

/** The folder of one cell's files. */
export function cellFolder(folder: string, slug: string): string {
  return join(folder, CELLS, slug)
}

/** Takes the cells of an earlier run away. */
export async function clearCells(folder: string): Promise<void> {
  await rm(join(folder, CELLS), { recursive: true, force: true })
}

/** Puts the finished files of a cell in their place at once, so that a folder of that name is always whole. */
export async function keepCell(folder: string, slug: string, from: string): Promise<void> {
  const target = cellFolder(folder, slug)
  await rm(target, { recursive: true, force: true })
  await mkdir(dirname(target), { recursive: true })
  await rename(from, target)
}

/** Leaves the reason why a cell has no result where the report finds it. */
export async function writeCellError(folder: string, slug: string, reason: string): Promise<void> {
  const target = cellFolder(folder, slug)
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  await writeFile(join(target, ERROR_FILE), `${reason}\n`)
}
