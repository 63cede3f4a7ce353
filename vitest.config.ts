import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** A folder for results as JSON, a file a run, where somebody wants to count them (.ci/run). */
const RESULTS = process.env['TEST_RESULTS']

/**
 * Three tiers. `unit` is pure and fast. `itg` runs real docker and gdb over the boundary cells.
 * `accept` runs the whole ground-truth table and takes long; its output is kept in docs/.
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
          exclude: ['**/*.itg.test.ts', '**/*.accept.test.ts', 'node_modules'],
          globalSetup: ['__tests__/helpers/build-tools.ts'],
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
      {
        test: {
          name: 'accept',
          include: ['__tests__/**/*.accept.test.ts'],
          globalSetup: ['__tests__/helpers/host.ts'],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
})
