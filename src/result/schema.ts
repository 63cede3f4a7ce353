import { z } from 'zod'
import { ComparisonVerdict, Deadliness } from '../comparison/schema.js'
import { Diagnosis } from '../diagnosis/schema.js'
import { Exposure } from '../exposure/schema.js'
import { Inspection } from '../inspect/schema.js'
import { Mitigation } from '../mitigation/schema.js'
import { Sweep } from '../sweep/schema.js'
import { Traceback } from '../traceback/schema.js'

export const Outcome = z
  .enum([
    'deadlock',
    'livelock',
    'crash',
    'terminated',
    'stalled',
    'clean',
    'immune',
    'exited',
    'inconclusive',
    'cancelled',
  ])
  .describe('What happened')

export const Conclusion = z
  .enum(['pass', 'fail', 'neither'])
  .describe('Pass or fail, against what was expected')

export const Expect = z.enum(['no-deadlock', 'deadlock', 'any'])

/** What was really built or found; see BuiltToolchain. */
export const Toolchain = z.object({
  go: z.string().nullable(),
  glibc: z.string().nullable(),
  gcc: z.string().nullable(),
  unwinder: z.object({
    linkage: z.enum(['shared', 'static', 'unknown']),
    version: z.string().nullable(),
    lookup: z.enum(['_dl_find_object', 'dl_iterate_phdr', 'unknown']),
  }),
  libstdcxx: z.string().nullable(),
  symbolizer: z.object({ module: z.string(), version: z.string() }).nullable(),
  distribution: z.string().nullable(),
  architecture: z.string().nullable(),
  kernel: z.string().nullable(),
  gdb: z.string().nullable(),
})

/** Why the run ended; times in milliseconds since the target's start. */
export const Ending = z.object({
  reason: z.enum(['silent', 'confirmed', 'exited', 'duration', 'cancelled', 'lost', 'swept']),
  atMs: z.number(),
  sinceMs: z
    .number()
    .nullable()
    .describe(
      'When the program last got on: the last output, or the last move of the thread in question',
    ),
  detail: z
    .string()
    .describe('One sentence: exit code or signal, what was suspected, how long it was silent'),
})

export const ThreadRow = z.object({
  role: z.enum(['culprit', 'victim']).nullable(),
  count: z.int().describe('Threads that did the same and share this row'),
  threads: z
    .array(z.object({ pid: z.int(), tid: z.int(), name: z.string() }))
    .describe('The first of them'),
  spans: z
    .array(
      z.object({
        fromMs: z.number(),
        activity: z
          .enum(['running', 'waiting', 'lock', 'handler', 'mixed', 'ended'])
          .describe(
            'lock: waits for a lock; handler: the same with every signal blocked, as in a signal handler; mixed: several by turns',
          ),
      }),
    )
    .describe('Oldest first; each lasts until the next, the last one until the end'),
})

/** What each thread did as far as it shows from outside; times in milliseconds since the target's start. */
export const Threads = z.object({
  toMs: z.number(),
  held: z
    .array(z.object({ fromMs: z.number(), toMs: z.number() }))
    .describe('When gdb held the program'),
  rows: z.array(ThreadRow).describe('Culprits first, then victims, then the largest'),
})

/** Totals over all threads; null where the program has no counters of ours. */
export const Counts = z.object({
  seconds: z.number().describe('Time watched'),
  throws: z.number().nullable(),
  signals: z.number().nullable(),
  unwinds: z.number().nullable(),
  exposures: z.number().nullable(),
  outputLines: z.number(),
})

export const EvidenceFile = z.object({ name: z.string(), bytes: z.int(), truncated: z.boolean() })

const Run = z.object({
  schemaVersion: z.literal(1),
  tool: z.object({ name: z.literal('cgo-deadlock-action'), version: z.string() }),
  id: z.string().describe('Run id; also the label on its containers'),
  startedAt: z.iso.datetime(),
  asked: z
    .record(z.string(), z.string())
    .describe('Inputs as given or defaulted, by their kebab-case names'),
  engine: z.object({ name: z.string(), version: z.string() }),
  image: z.string(),
  toolchain: Toolchain.nullable(),
  inspection: Inspection.nullable().describe(
    'What was to be told of the program without running it; null where it could not be looked into',
  ),
  mitigation: Mitigation.nullable()
    .default(null)
    .describe('The workaround that was asked for; null: none'),
  experiment: z.enum(['natural', 'sweep', 'both']),
  decidedBy: z
    .enum(['natural', 'sweep'])
    .describe('Which part of the experiment the outcome rests on'),
  sweep: Sweep.nullable().describe('Null where none was made'),
  ending: Ending,
  timeline: z.array(z.object({ atMs: z.number(), what: z.string() })),
  threads: Threads.nullable().describe('Null where the program was only swept'),
  counts: Counts,
  traceback: Traceback.nullable()
    .default(null)
    .describe('Null where the program is not the built-in one, or has no symbolizer'),
  exposure: Exposure.nullable().describe(
    'What the natural run proves; null where it found a fault or counted nothing',
  ),
  outcome: Outcome,
  expect: Expect,
  conclusion: Conclusion,
  headline: z.string().describe("The diagnosis' headline, or what was seen where there is none"),
  diagnosis: Diagnosis.nullable(),
  evidence: z.array(EvidenceFile),
  warnings: z.array(z.string()),
})

export const Comparison = z
  .object({
    to: z
      .string()
      .describe('What it was compared with, as given and with its commit where it has one'),
    verdict: ComparisonVerdict,
    headline: z.string(),
    deadly: z.object({ base: Deadliness, head: Deadliness }),
    base: Run.pick({
      toolchain: true,
      sweep: true,
      counts: true,
      traceback: true,
      outcome: true,
      headline: true,
    }).describe('The other side, before the change'),
  })
  .describe('The same cell with the symbolizer as it was before a change')

export const Result = Run.extend({
  comparison: Comparison.nullable().default(null).describe('Null where nothing was compared'),
}).describe('One run of cgo-deadlock-action')

export type Outcome = z.infer<typeof Outcome>
export type Conclusion = z.infer<typeof Conclusion>
export type Expect = z.infer<typeof Expect>
export type Toolchain = z.infer<typeof Toolchain>
export type Ending = z.infer<typeof Ending>
export type ThreadRow = z.infer<typeof ThreadRow>
export type Threads = z.infer<typeof Threads>
export type Counts = z.infer<typeof Counts>
export type EvidenceFile = z.infer<typeof EvidenceFile>
export type Comparison = z.infer<typeof Comparison>
export type Result = z.infer<typeof Result>
