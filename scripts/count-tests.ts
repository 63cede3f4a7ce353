import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const RUN = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
})

export interface TestCounts {
  readonly passed: number
  /** Failed tests, and files that failed before they had any */
  readonly failed: number
  readonly skipped: number
}

/** Adds up the JSON results of all test runs in a folder. */
export async function countTests(folder: string): Promise<TestCounts> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'))
  const runs = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return runs.map(countRun).reduce(
    (sum, run) => ({
      passed: sum.passed + run.passed,
      failed: sum.failed + run.failed,
      skipped: sum.skipped + run.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )
}

/** One plain line: `12 passed, 0 failed`, with `, 1 skipped` where some were. */
export function describeCounts(counts: TestCounts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`
}

function countRun(json: string): TestCounts {
  const run = RUN.parse(JSON.parse(json))
  const broken = run.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  return {
    passed: run.numPassedTests,
    failed: run.numFailedTests + broken.length,
    skipped: run.numPendingTests,
  }
}
