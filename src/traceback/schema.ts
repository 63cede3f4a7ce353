import { z } from 'zod'

export const Traceback = z
  .object({
    made: z.int().describe('Signals whose handler asked for a traceback, all at plain C++ code'),
    frames: z.int().describe('Frames of C that those gave, in all'),
    microseconds: z.number().nullable().describe('Time of one, on average'),
    samples: z.int().describe('Samples of the CPU profile taken beside them'),
    named: z.int().describe('Samples that name at least one function of C'),
    names: z
      .array(z.string())
      .describe('Functions of C in the most frequent stack of the profile, innermost first'),
  })
  .describe('What the symbolizer makes of plain C++ code that throws nothing, where nothing hangs')

export type Traceback = z.infer<typeof Traceback>
