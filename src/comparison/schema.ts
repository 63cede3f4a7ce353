import { z } from 'zod'

export const ComparisonVerdict = z
  .enum([
    'fixed',
    'still-safe',
    'still-deadlocks',
    'newly-deadlocks',
    'no-longer-unwinds',
    'unclear',
  ])
  .describe('What the change did')

/** How deadly a throw is; null what was not found out. */
export const Deadliness = z.object({
  instructions: z.int().nullable().describe('Instructions at which a signal is deadly'),
  of: z.int().nullable().describe('Instructions of a throw that can take a signal'),
  rate: z.number().nullable().describe('Predicted share of signals that hang'),
})

export type ComparisonVerdict = z.infer<typeof ComparisonVerdict>
export type Deadliness = z.infer<typeof Deadliness>
