import { z } from 'zod'

/** What a natural run without a fault proves. Chances are between 0 and 1. */
export const Exposure = z.object({
  of: z
    .enum(['exposures', 'signals'])
    .describe('What was counted: signals between a throw and its catch, or, for want of that, all'),
  trials: z.int(),
  upperBound: z
    .number()
    .describe('95 % upper confidence bound on the chance that one of them hangs the thread'),
  hangsPerHour: z
    .number()
    .describe('That bound for a thread that throws all the time and gets 100 of them a second'),
  knownChance: z.number().describe('Measured chance on Debian 11, which is known to hang'),
  power: z.number().describe('Chance that this run would have hung at that rate'),
})
export type Exposure = z.infer<typeof Exposure>
