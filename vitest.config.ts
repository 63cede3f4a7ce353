import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** A folder for results as JSON, a file a run, where somebody wants to count them (.ci/run). */
const RESULTS = process.env['TEST_RESULTS']

/**
 * Four tiers. `unit` is pure and fast. `itg` runs real docker and gdb over the boundary cells. `fault` breaks what a run
 * rests on. `e2e` runs the workflows of this repository. The whole ground-truth table is `npm run accept`.
 */
export default defineConfig({
  test: {
    ...(RESULTS === undefined
      ? {}
      : {
          reporters: ['default', 'json'],
          outputFile: { json: join(RESULTS, `${process.pid}.json`) },
        }),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['__tests__/**/*.test.ts'],
          exclude: ['**/*.{itg,fault,e2e}.test.ts', 'node_modules'],
          globalSetup: ['__tests__/helpers/build-tools.ts'],
          // Against a hang, not a measure: many of these start real processes, on machines that others load too.
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'itg',
          include: ['__tests__/**/*.itg.test.ts'],
          globalSetup: ['__tests__/helpers/host.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
      ...(['fault', 'e2e'] as const).map((tier) => ({
        test: {
          name: tier,
          include: [`__tests__/**/*.${tier}.test.ts`],
          globalSetup: ['__tests__/helpers/host.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      })),
    ],
  },
})
