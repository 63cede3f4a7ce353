import { z } from 'zod'
import { Outcome } from '../result/schema.js'

export const AXES = ['symbolizer', 'go', 'gcc', 'glibc'] as const

/** One value of the axis, and how it is run. */
export const Point = z.object({
  id: z.string().describe('Names its folder: a version, or the first characters of a commit'),
  name: z.string().describe('As a sentence calls it'),
  inputs: z.record(z.string(), z.string()).describe('What sets this point apart, as run takes it'),
  revision: z
    .object({ commit: z.string(), subject: z.string(), authoredAt: z.string() })
    .nullable()
    .describe('The commit whose files are the symbolizer'),
})

/** Everything that a test of a point depends on: with another question, no earlier answer counts. */
export const Question = z.object({
  axis: z.enum(AXES),
  good: z.string().describe('As asked'),
  bad: z.string().describe('As asked'),
  seeks: z.enum(['good', 'bad']).describe('The answer whose first point is looked for'),
  knownEnds: z.boolean().describe('The ends are taken for what they were called'),
  repository: z.string().nullable(),
  inputs: z.record(z.string(), z.string()).describe('The same for all points, as run takes them'),
  tool: z.string().describe('Version of this tool'),
  points: z.array(Point).min(2),
})

/** What the test of one point said. */
export const Test = z.object({
  point: z.string(),
  answer: z.enum(['good', 'bad', 'untestable']),
  outcome: Outcome.nullable().describe('Null where there was nothing to run'),
  headline: z.string().describe('What was seen, or why there was nothing to run'),
  tookMs: z.number(),
})

export const Conclusion = z.object({
  kind: z
    .enum(['found', 'same', 'among'])
    .describe(
      'same: an end is not what it was called; among: points that can’t be tested are in the way',
    ),
  points: z
    .array(z.string())
    .describe('found: the first; same: that end; among: each that it may be'),
  sentences: z.array(z.string()),
})

/** A bisection under way or finished, as its folder remembers it and as `--json` prints it. */
export const BisectRecord = z.object({
  schemaVersion: z.literal(1),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  question: Question,
  tests: z.array(Test).describe('In the order in which they were made'),
  conclusion: Conclusion.nullable(),
})

export type Axis = (typeof AXES)[number]
export type Point = z.infer<typeof Point>
export type Question = z.infer<typeof Question>
export type Test = z.infer<typeof Test>
export type Conclusion = z.infer<typeof Conclusion>
export type BisectRecord = z.infer<typeof BisectRecord>
