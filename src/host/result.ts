import { Result } from '../result/schema.js'
import { Sweep } from '../sweep/schema.js'
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

/** A sweep on this host: of a command, or of a process that ran already. */
export const SweptResult = Result.pick({
  schemaVersion: true,
  tool: true,
  startedAt: true,
  outcome: true,
  expect: true,
  conclusion: true,
  headline: true,
  diagnosis: true,
  warnings: true,
}).extend({
  command: z.array(z.string()).nullable(),
  pid: z.int().nullable(),
  sweep: Sweep,
})

export type SweptResult = z.infer<typeof SweptResult>
export type HostResult = z.infer<typeof HostResult>
