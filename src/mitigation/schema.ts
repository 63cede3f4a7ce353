import { z } from 'zod'

/** A workaround that a run was made with, and whether it was really at work. */
export const Mitigation = z
  .object({
    name: z.enum(['guard']),
    state: z
      .enum(['in-force', 'idle', 'absent'])
      .describe(
        'in-force: seen to be loaded and called; idle: loaded, but this unwinder has no use for it; absent: not at work',
      ),
    evidence: z.array(z.string()).describe('What was read from the target, a sentence each'),
  })
  .describe('A workaround that was asked for; only one in force can be said to have held')

export type Mitigation = z.infer<typeof Mitigation>
