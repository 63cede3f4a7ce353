import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { BisectRecord } from '../bisect/record.js'
import type { Question } from '../bisect/record.js'

export const BISECT_FILE = 'bisect.json'

/**
 * The interrupted bisection of the same question that a folder remembers, or a new one.
 * @param fresh begin anew in any case
 */
export async function openBisect(
  folder: string,
  question: Question,
  fresh: boolean,
): Promise<BisectRecord> {
  const earlier = fresh ? null : await readBisect(folder)
  if (earlier?.finishedAt === null && isDeepStrictEqual(earlier.question, question)) return earlier
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
