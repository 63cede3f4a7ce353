import { z } from 'zod'

/** One frame as a report shows it. */
export const FrameRef = z
  .object({
    level: z.int(),
    function: z.string().nullable(),
    pc: z.string().nullable(),
    where: z.string().nullable().describe('file:line or library'),
  })
  .describe('A stack frame')

export const Culprit = z
  .object({
    pid: z.int().nullable(),
    thread: z.int().nullable().describe('gdb thread number'),
    lwp: z.int().nullable(),
    name: z.string().nullable(),
    signal: z
      .object({ number: z.int().nullable(), name: z.string() })
      .nullable()
      .describe('The signal whose handler runs on the stack'),
    interrupted: FrameRef.nullable().describe('The frame that the signal interrupted'),
    waiting: FrameRef.nullable().describe('The frame that waits or spins'),
    window: z
      .enum(['lock', 'unlock', 'held'])
      .nullable()
      .describe('Where in the life of the lock the signal landed'),
  })
  .describe('A thread that caused the fault')

export const Victim = z.object({
  pid: z.int().nullable(),
  thread: z.int().nullable(),
  lwp: z.int().nullable(),
  name: z.string().nullable(),
  waiting: FrameRef.nullable(),
})

export const LockFacts = z.object({
  address: z.string(),
  symbol: z.string().nullable(),
  kind: z.string(),
  role: z.string().nullable(),
  word: z.int().nullable(),
  owner: z.int().nullable(),
  count: z.int().nullable(),
})

export const GraphNode = z.object({
  id: z.string(),
  kind: z.enum(['thread', 'lock']),
  label: z.string(),
  role: z.enum(['culprit', 'victim', 'lock', 'other']),
})

export const GraphEdge = z.object({
  from: z.string(),
  to: z.string(),
  kind: z.enum(['waits', 'holds', 'interrupted-while-taking']),
  evidence: z.string(),
})

export const DiagnosisClass = z.enum([
  'signal-reentrancy',
  'self-deadlock',
  'lock-cycle',
  'orphaned-lock',
  'loader-lock',
  'fork-inherited',
  'lock-wait',
  'busy',
  'idle',
  'crash',
  'unknown',
])

export const Confidence = z
  .enum(['proven', 'strong', 'weak'])
  .describe('proven: owner or lock word read; strong: shape of the stacks; weak: a hint')

export const Diagnosis = z
  .object({
    class: DiagnosisClass,
    failure: z
      .enum(['deadlock', 'livelock', 'crash', 'terminated', 'none', 'unknown'])
      .describe('What kind of fault it amounts to'),
    confidence: Confidence,
    headline: z.string().describe('One sentence'),
    story: z
      .array(
        z.object({
          text: z.string(),
          rests: z.string().describe('The frame or field it rests on'),
        }),
      )
      .max(6),
    culprits: z.array(Culprit),
    victims: z.array(Victim),
    lock: LockFacts.nullable(),
    graph: z.object({ nodes: z.array(GraphNode), edges: z.array(GraphEdge) }),
    advice: z.array(z.object({ text: z.string(), copy: z.string().nullable() })),
    also: z.array(
      z.object({ class: DiagnosisClass, confidence: Confidence, headline: z.string() }),
    ),
    raise: z.string().nullable().describe('What would raise the confidence'),
    unread: z.array(z.string()).describe('What could not be read'),
  })
  .describe('What happened, with evidence')

export type FrameRef = z.infer<typeof FrameRef>
export type Culprit = z.infer<typeof Culprit>
export type Victim = z.infer<typeof Victim>
export type LockFacts = z.infer<typeof LockFacts>
export type GraphNode = z.infer<typeof GraphNode>
export type GraphEdge = z.infer<typeof GraphEdge>
export type Diagnosis = z.infer<typeof Diagnosis>
