import { Result } from '../result/schema.js'
import { z } from 'zod'

/** A run on this host: what a `Result` has that needs no image and no engine. */
export const HostResult = Result.pick({
  schemaVersion: true,
  tool: true,
  startedAt: true,
  ending: true,
  timeline: true,
  threads: true,
  counts: true,
  outcome: true,
  expect: true,
  conclusion: true,
  headline: true,
  diagnosis: true,
  warnings: true,
}).extend({ command: z.array(z.string()) })

export type HostResult = z.infer<typeof HostResult>
