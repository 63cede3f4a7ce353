import { z } from 'zod'
import { Diagnosis } from '../diagnosis/schema.js'
import { Mitigation } from '../mitigation/schema.js'
import { Counts, Outcome } from '../result/schema.js'
import { Traceback } from '../traceback/schema.js'

export const COMPAT_VERSION = 1

/** What became of a cell's result. Only `decided` can pass. */
export const CellState = z
  .enum(['decided', 'undecided', 'missing', 'damaged', 'duplicate', 'newer'])
  .describe(
    'undecided: the run had too little evidence; newer: written by a newer version than this report',
  )

/** Versions that were really built or found. */
export const Versions = z.object({
  go: z.string().nullable(),
  glibc: z.string().nullable(),
  gcc: z.string().nullable(),
  libgcc: z.string().nullable(),
  linkage: z.enum(['shared', 'static', 'unknown']),
  'libstdc++': z.string().nullable(),
  symbolizer: z.string().nullable(),
  distribution: z.string().nullable(),
})

export const Drift = z.object({
  what: z.string(),
  before: z.string().nullable(),
  now: z.string().nullable(),
})

export const CompatCell = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  values: z.record(z.string(), z.string()).describe('The axes that are not at their defaults'),
  planned: z.boolean().describe('False: a result that the spec does not ask for'),
  state: CellState,
  tone: z.enum(['good', 'bad', 'unsure']),
  outcome: Outcome.nullable(),
  class: z.string().nullable(),
  headline: z.string().describe('What was found, or why nothing is known'),
  story: Diagnosis.shape.story,
  advice: Diagnosis.shape.advice,
  unwinder: z.string().nullable().describe('The unwinder that really ran'),
  versions: Versions.nullable(),
  counts: Counts.nullable(),
  mitigation: Mitigation.nullable().default(null),
  traceback: Traceback.nullable().default(null),
  evidence: z
    .enum(['run', 'listed'])
    .nullable()
    .describe('What the catalog knew of this base before: really run, or from package lists only'),
  known: z
    .object({
      outcome: z.string(),
      reason: z.string(),
      expires: z.string().nullable(),
      state: z
        .enum(['as-known', 'expired', 'gone', 'other'])
        .describe('gone: the cell is good now; other: it fails in another way'),
    })
    .nullable(),
  before: z.object({ state: CellState, outcome: Outcome.nullable() }).nullable(),
  change: z
    .enum(['none', 'regression', 'fixed', 'new', 'unknown'])
    .describe(
      'Against the baseline; new: it does not decide this cell; unknown: it could not be read',
    ),
  drift: z.array(Drift),
  where: z.string().nullable().describe('Artifact or folder that the result came from'),
})

export const Workaround = z
  .object({
    by: z.string().describe('What was done otherwise, in words'),
    held: z
      .int()
      .describe('Cells with a fault that had none with it, and in which it was in force'),
    failed: z.int().describe('Cells in which it was in force and there was a fault still'),
    open: z.int().describe('Cells in which it was not in force, or that are undecided'),
    speed: z
      .number()
      .nullable()
      .describe(
        'Throws per second over those of the same toolchain without it, the median of the cells; null where they are not known',
      ),
    speedCells: z.int(),
  })
  .describe('One way out of the faults of this table, as its own cells tried it')

export const SymbolizerRow = z
  .object({
    symbolizer: z.string(),
    cells: z.int().describe('Cells of toolchains that another symbolizer ran on, too'),
    faults: z.int(),
    undecided: z.int(),
    unwinds: z.int().describe('Cells in which it unwound plain C++ code'),
    blind: z
      .int()
      .describe('Cells in which it gave nothing but the interrupted instruction: it can’t hang'),
    frames: z.number().nullable().describe('Frames of C in a traceback, the median of the cells'),
    microseconds: z.number().nullable().describe('Time of a traceback, the median of the cells'),
    names: z.array(z.string()).describe('Functions of C that the CPU profile names'),
    speed: z
      .number()
      .nullable()
      .describe(
        'Throws per second over those of the same toolchain with `symbolizer: none`, the median of the cells; null where one of them is not known',
      ),
    speedCells: z.int(),
  })
  .describe('What one symbolizer does and costs on the toolchains that several were run on')

export const Compat = z
  .object({
    schemaVersion: z.literal(COMPAT_VERSION),
    tool: z.object({ name: z.literal('cgo-deadlock-action'), version: z.string() }),
    createdAt: z.iso.datetime(),
    baseline: z.object({ createdAt: z.string(), where: z.string() }).nullable(),
    failOn: z.enum(['regression', 'any', 'never']),
    conclusion: z.enum(['pass', 'fail', 'neither']),
    headline: z.string(),
    boundaries: z.array(z.object({ axis: z.string(), text: z.string() })),
    workarounds: z.array(Workaround).default([]),
    symbolizers: z.array(SymbolizerRow).default([]),
    cells: z.array(CompatCell),
    leftOut: z.array(z.object({ name: z.string(), reason: z.string() })),
    notes: z.array(z.string()),
  })
  .describe('The compatibility table that cgo-deadlock-action makes of many results')

export type CellState = z.infer<typeof CellState>
export type Versions = z.infer<typeof Versions>
export type Drift = z.infer<typeof Drift>
export type SymbolizerRow = z.infer<typeof SymbolizerRow>
export type Workaround = z.infer<typeof Workaround>
export type CompatCell = z.infer<typeof CompatCell>
export type Compat = z.infer<typeof Compat>
export type FailOn = Compat['failOn']
