import { z } from 'zod'

/** An instruction: in which file, where in it, and in which function as far as symbols tell. */
export const SweepPlace = z
  .object({
    file: z.string().nullable().describe('Path in the container; null outside of all files'),
    offset: z.string().describe('Address as the file was linked, 0x…'),
    function: z.string().nullable().describe('Null where no symbol covers the address'),
    functionOffset: z.int().nullable(),
  })
  .describe('An instruction')

/** Of interrupted code; older records do not have it. */
const Stack = z
  .array(SweepPlace)
  .default([])
  .describe(
    'Calls that led to the interrupted instruction from the swept function, innermost first',
  )

export const SweepSignal = z.object({ number: z.int(), name: z.string() })

/** Cold: the first time in the life of a process. */
export const Temperature = z.enum(['warm', 'cold'])

/** Dense: a signal at each instruction of one throw. Strided: at every 16th, in 16 throws. */
export const Pattern = z.enum(['dense', 'strided'])

export const SweepFailureKind = z.enum(['deadlock', 'livelock', 'crash', 'terminated'])

export const SweepFailure = z
  .object({
    kind: SweepFailureKind,
    temperature: Temperature,
    pattern: Pattern,
    signal: SweepSignal,
    step: z.int().describe('Single steps from the first instruction of the function'),
    at: SweepPlace.nullable().describe('The instruction that the signal came before'),
    stack: Stack,
    phase: z.enum(['handler', 'after']).describe('Did its handler come back?'),
    waiting: SweepPlace.nullable().describe('Where the thread is now'),
    waitedMs: z.number(),
    evidence: z.array(z.string()).describe('What /proc says of the thread, a sentence each'),
    spin: z.array(SweepPlace).describe('Instructions that a running thread was seen at'),
    pid: z.int(),
    tid: z.int(),
  })
  .describe('A signal after which the thread did not go on')

export const SweepTried = z
  .object({
    temperature: Temperature,
    pattern: Pattern,
    signal: SweepSignal,
    throws: z.int().describe('Passages through the function'),
    steps: z.int().describe('Single steps of one passage'),
    signals: z.int(),
    entered: z
      .int()
      .nullable()
      .describe('Handlers seen to enter the traceback function; null where none is known'),
    returned: z.int(),
    leftOut: z.object({
      repeated: z.int().describe('Rounds of a repeated string instruction, signalled once'),
      blocked: z.int().describe('The thread had blocked the signal, so that none can arrive'),
      avoided: z.int().describe('Left out on request'),
    }),
    complete: z.boolean().describe('All passages were made'),
    seconds: z.number(),
  })
  .describe('One signal in one pattern')

export const LockAccess = z.object({
  kind: z.enum(['cmpxchg', 'xchg', 'xadd', 'bit', 'arithmetic']),
  at: SweepPlace,
  stack: z
    .array(SweepPlace)
    .describe('Innermost call first, from the swept function or the handler'),
})

export const Hazard = z
  .object({
    memory: z.string(),
    symbol: z.string().nullable(),
    kind: z.enum(['lock', 'counter']).describe('By what is done to it: exchanged, or counted'),
    swept: LockAccess,
    handler: LockAccess,
  })
  .describe('Memory that both the swept code and the handler change with a locked instruction')

export const DeadlyWindow = z
  .object({
    from: z.int().describe('First step'),
    to: z.int().describe('Last step'),
    kinds: z.array(SweepFailureKind),
    function: z.string().nullable(),
    first: SweepPlace,
    last: SweepPlace,
    locked: z.boolean().describe('In a function that takes or gives back a lock'),
    signals: z.array(z.string()),
    stack: Stack,
    waiting: SweepPlace.nullable().describe('What the handler was doing at the first of them'),
    evidence: z
      .array(z.string())
      .default([])
      .describe('What /proc said of the thread at the first of them, a sentence each'),
  })
  .describe('Deadly instructions side by side')

export const DeadlyMap = z
  .object({
    decided: z.int(),
    of: z.int().describe('Instructions of a throw that can take a signal'),
    complete: z.boolean(),
    deadly: z.array(
      z.object({ step: z.int(), kind: SweepFailureKind, signal: z.string(), at: SweepPlace }),
    ),
    windows: z.array(DeadlyWindow),
    afterOthers: z
      .int()
      .default(0)
      .describe('Instructions at which a process failed only after signals at others'),
    shareOfInstructions: z.number(),
    time: z
      .object({
        samples: z.int(),
        hits: z.number().describe('Samples at deadly instructions, weighted'),
        share: z.number(),
        low: z.number().describe('95 % confidence'),
        high: z.number(),
        hangsPerHour: z.number().describe('Predicted for signals at 100 Hz'),
        secondsToHang: z.number().nullable().describe('Predicted mean at 100 Hz'),
      })
      .nullable()
      .describe('Where a signal at a random moment finds the thread'),
    processes: z.int(),
  })
  .describe('Every instruction decided, after each failure on a fresh process')

/** The way of one throw: stretches of steps in one function of one file, as indexes. */
export const SweepWay = z.object({
  temperature: Temperature.nullable()
    .default(null)
    .describe('Of the throw that this is the way of'),
  files: z.array(z.string()),
  functions: z.array(z.string()),
  stretches: z.array(
    z
      .tuple([z.int(), z.int(), z.int(), z.string()])
      .describe('Steps, file, function (-1: none), offset of the first'),
  ),
})

export const Sweep = z
  .object({
    function: z.string(),
    signals: z.array(SweepSignal),
    outcome: z.enum([
      'deadlock',
      'livelock',
      'crash',
      'terminated',
      'immune',
      'inconclusive',
      'cancelled',
    ]),
    headline: z.string(),
    missing: z.array(z.string()).describe('Why it proves nothing, a sentence part each'),
    notes: z.array(z.string()).describe('What was left out, and why'),
    ends: z
      .enum(['again', 'caught', 'returned'])
      .nullable()
      .describe('The same thread threw again, its caller had caught, the function returned'),
    observed: SweepPlace.nullable().describe('The traceback function that handlers must enter'),
    tried: z.array(SweepTried),
    failures: z.array(SweepFailure),
    hazards: z.array(Hazard),
    handlerSteps: z.int().nullable().describe('Single steps of one handler'),
    way: SweepWay.nullable(),
    map: DeadlyMap.nullable(),
    seconds: z.number(),
  })
  .describe('A signal at every instruction')

export type SweepPlace = z.infer<typeof SweepPlace>
export type SweepSignal = z.infer<typeof SweepSignal>
export type Temperature = z.infer<typeof Temperature>
export type Pattern = z.infer<typeof Pattern>
export type SweepFailureKind = z.infer<typeof SweepFailureKind>
export type SweepFailure = z.infer<typeof SweepFailure>
export type SweepTried = z.infer<typeof SweepTried>
export type LockAccess = z.infer<typeof LockAccess>
export type Hazard = z.infer<typeof Hazard>
export type DeadlyWindow = z.infer<typeof DeadlyWindow>
export type DeadlyMap = z.infer<typeof DeadlyMap>
export type SweepWay = z.infer<typeof SweepWay>
export type Sweep = z.infer<typeof Sweep>
