import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { BisectRecord } from '../bisect/record.js'
import type { Question } from '../bisect/record.js'
import type { Logger } from '../log.js'
import { clearCells } from './run-folder.js'

const BISECT_FILE = 'bisect.json'

/**
 * The interrupted bisection of the same question that a folder remembers, or a new one; the files of another are taken
 * away, and it is told where that one was not finished.
 * @param fresh begin anew in any case
 */
export async function openBisect(
  folder: string,
  question: Question,
  { fresh, log }: { readonly fresh: boolean; readonly log: Logger },
): Promise<BisectRecord> {
  const earlier = await readBisect(folder)
  const interrupted = earlier?.finishedAt === null
  const same = isDeepStrictEqual(earlier?.question, question)
  if (earlier !== null && interrupted && same && !fresh) return earlier
  if (earlier !== null) await clearCells(folder)
  if (earlier !== null && interrupted && !same) {
    log.warning(
      `${folder} held an interrupted bisection of something else (axis ${earlier.question.axis}, ${earlier.tests.length} tests); it is given up.`,
    )
  }
  return {
    schemaVersion: 1,
    startedAt: new Date().toISOString(),
    finishedAt: null,
    question,
    tests: [],
    conclusion: null,
  }
}

/** Writes the record in one step, so that an interruption leaves the one before it. */
export async function writeBisect(folder: string, record: BisectRecord): Promise<void> {
  const file = join(folder, BISECT_FILE)
  await mkdir(folder, { recursive: true })
  await writeFile(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`)
  await rename(`${file}.new`, file)
}

async function readBisect(folder: string): Promise<BisectRecord | null> {
  const text = await readFile(join(folder, BISECT_FILE), 'utf8').catch(() => 'null')
  try {
    return BisectRecord.parse(JSON.parse(text))
  } catch {
    return null
  }
}
