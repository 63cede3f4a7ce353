import { z } from 'zod'

/** A number for an address that was met: an index into the places told so far. */
const PlaceNumber = z.int().nonnegative()

/** What `/proc` says of a thread that does not come back. */
const Sample = z.object({
  state: z.string().nullable(),
  syscall: z.string(),
  blocked: z.string(),
  cpuNs: z.number(),
})

const Access = z.object({
  memory: z.string(),
  symbol: z.string().nullable(),
  symbolOffset: z.number(),
  kind: z.enum(['cmpxchg', 'xchg', 'xadd', 'bit', 'arithmetic']),
  place: PlaceNumber,
  stack: z.array(PlaceNumber),
})

const Failure = z.object({
  kind: z.enum(['deadlock', 'livelock', 'crash', 'terminate']),
  phase: z.enum(['handler', 'after']),
  step: z.int(),
  place: PlaceNumber.nullable(),
  waiting: PlaceNumber.nullable(),
  fault: z.int(),
  waitedNs: z.number(),
  samples: z.array(Sample),
  spin: z.array(PlaceNumber),
})

const Passage = z.object({
  event: z.literal('passage'),
  index: z.int(),
  kind: z.enum(['skip', 'plain', 'signals', 'alone', 'locks', 'sample']),
  signal: z.int(),
  stride: z.int(),
  start: z.int(),
  steps: z.int(),
  rounds: z.int(),
  signals: z.int(),
  entered: z.int(),
  returned: z.int(),
  blocked: z.int(),
  avoided: z.int(),
  systemCalls: z.int(),
  heldBack: z.int(),
  ended: z.enum(['again', 'caught', 'returned']).nullable(),
  caughtAt: z.int(),
  ns: z.number(),
  at: z.array(z.int()),
  turns: z.array(z.int()),
  places: z.array(PlaceNumber),
  /** Where the thread had the signal blocked when its turn came; as many as `blocked` */
  shut: z.array(PlaceNumber).default([]),
  shutTurns: z.array(z.int()).default([]),
  /** Of a plain passage, in pairs: the step that made a call, and the first one after its return */
  calls: z.array(z.int()).default([]),
  handlerSteps: z.int().optional(),
  shared: z.array(z.object({ swept: Access, handler: Access })).optional(),
  failure: Failure.nullable(),
  trouble: z.string().nullable(),
})

/**
 * What native/sweep prints: one JSON object a line. A step is one single step of the swept thread; `rounds` are those that
 * stayed at a repeated string instruction. Files and places come before what refers to them, anew for each process.
 */
export const SweepEvent = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('image'),
    index: z.int(),
    path: z.string(),
    buildId: z.string().nullable(),
  }),
  /** Each: number of the file (-1: none), offset in it, symbol, offset from the symbol, size of the symbol */
  z.object({
    event: z.literal('places'),
    first: z.int(),
    places: z.array(z.tuple([z.int(), z.number(), z.string().nullable(), z.number(), z.number()])),
  }),
  /** A thread stands at the function */
  z.object({
    event: z.literal('ready'),
    version: z.literal(1),
    process: z.int(),
    pid: z.int(),
    tid: z.int(),
    held: z.boolean(),
    function: PlaceNumber,
    /** The traceback function, where one is known */
    observed: PlaceNumber.nullable(),
  }),
  Passage,
  z.object({
    event: z.literal('end'),
    reason: z.enum([
      'done',
      'failed',
      'trouble',
      'no-gate',
      'no-function',
      'indirect',
      'never-reached',
      'never-again',
      'no-breakpoint',
      'not-handled',
      'blocked',
      'refused',
      'crashed',
      'gone',
      'asked',
    ]),
    detail: z.string().nullable(),
  }),
])

export type SweepEvent = z.infer<typeof SweepEvent>
export type PassageEvent = z.infer<typeof Passage>
export type FailureEvent = z.infer<typeof Failure>
export type EndReason = Extract<SweepEvent, { event: 'end' }>['reason']

/** One line of native/sweep; null for what is none of its events. */
export function parseSweepLine(line: string): SweepEvent | null {
  try {
    return SweepEvent.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}
