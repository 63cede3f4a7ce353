import { z } from 'zod'

export const Verdict = z.enum(['vulnerable', 'safe', 'unknown'])

/** The byte on which a reason rests. */
export const Evidence = z.object({
  file: z.string().describe('Path in the image, folder or machine that was looked into'),
  where: z.string().describe('Section, table entry or symbol, with its offset in the file'),
  value: z.string().describe('What stands there'),
})

export const Reason = z.object({ text: z.string(), evidence: Evidence.nullable() })

export const Unwinder = z.object({
  kind: z.enum(['libgcc', 'llvm-libunwind', 'nongnu-libunwind']),
  linkage: z.enum(['shared', 'static']),
  file: z.string(),
  version: z
    .string()
    .nullable()
    .describe('Compiler that built a shared one; one that is linked in leaves no version'),
  lookup: z
    .enum(['_dl_find_object', 'dl_iterate_phdr', 'unknown'])
    .describe('How it finds the frames of an address; dl_iterate_phdr takes the loader’s lock'),
  usedBy: z
    .array(z.enum(['handler', 'throw']))
    .describe('handler: the symbolizer’s traceback enters it; throw: C++ exceptions go through it'),
  evidence: z.array(Evidence),
})

export const Symbolizer = z.object({
  module: z.string(),
  version: z.string(),
  replacedBy: z.object({ module: z.string(), version: z.string() }).nullable(),
})

/** What can be told of one program without running it. */
export const Inspection = z.object({
  program: z.string(),
  verdict: Verdict,
  headline: z.string(),
  reasons: z.array(Reason),
  wouldChange: z.array(z.string()).describe('What could turn the verdict, and was not to be seen'),
  architecture: z.string(),
  libc: z.object({
    kind: z.enum(['glibc', 'musl', 'unknown']),
    version: z.string().nullable(),
    file: z.string().nullable(),
  }),
  go: z
    .object({
      version: z.string().nullable(),
      modules: z.int().describe('Modules in its build information'),
      traceback: z
        .boolean()
        .nullable()
        .describe('Whether runtime.SetCgoTraceback is linked: that there is a symbolizer'),
      symbolizer: Symbolizer.nullable(),
      profilers: z.array(z.string()),
    })
    .nullable()
    .describe('null: not a Go program'),
  unwinders: z.array(Unwinder),
  missing: z.array(z.string()).describe('Libraries that were not found'),
})

export const InspectionReport = z
  .object({
    schemaVersion: z.literal(1),
    target: z.string(),
    kind: z.enum(['image', 'binary', 'folder']),
    verdict: Verdict.describe('The worst of its programs'),
    programs: z.array(Inspection),
    milliseconds: z.number(),
  })
  .describe('What cgo-deadlock inspect found')

export type Verdict = z.infer<typeof Verdict>
export type Evidence = z.infer<typeof Evidence>
export type Reason = z.infer<typeof Reason>
export type Unwinder = z.infer<typeof Unwinder>
export type Inspection = z.infer<typeof Inspection>
export type InspectionReport = z.infer<typeof InspectionReport>
