import { z } from 'zod'
import { INPUT_DEFAULTS, readInputs } from '../inputs/inputs.js'
import type { InputName } from '../inputs/inputs.js'
import { errorMessage } from '../errors.js'
import { Outcome } from '../result/schema.js'
import { AXES, AXIS_NAMES } from './axes.js'
import type { AxisName } from './axes.js'

/** Inputs that the matrix itself sets, so that every cell leaves a result and the report alone decides. */
const OWN_INPUTS: readonly string[] = ['expect', 'upload', 'artifact-name']
const AXIS_INPUTS: readonly (string | null)[] = Object.values(AXES).map(({ input }) => input)

/** Inputs that a spec can set for all its cells. */
export const SHARED_INPUTS = (Object.keys(INPUT_DEFAULTS) as InputName[]).filter(
  (name) => !OWN_INPUTS.includes(name) && !AXIS_INPUTS.includes(name),
)

export const PRESET_NAMES = ['quick', 'full', 'symbolizer'] as const

/** A value of an input, checked by the action's own rules. */
function valueFor(input: InputName | null): z.ZodType<string> {
  return z.string().check((context) => {
    if (input === null) return
    try {
      readInputs((name) => (name === input ? context.value : ''))
    } catch (error) {
      context.issues.push({ code: 'custom', message: errorMessage(error), input: context.value })
    }
  })
}

/** One value, or a list of them. */
function someOf(value: z.ZodType<string>): z.ZodType<string[]> {
  return z.preprocess(
    (given) => (typeof given === 'string' ? [given] : given),
    z
      .array(value)
      .min(1, 'Give at least one value.')
      .refine((values) => new Set(values).size === values.length, 'A value stands here twice.'),
  )
}

function perAxis<T extends z.ZodType>(make: (name: AxisName) => T): z.ZodType<AxisRecord<T>> {
  const shape = Object.fromEntries(AXIS_NAMES.map((name) => [name, make(name).optional()]))
  return z.strictObject(shape)
}

type AxisRecord<T extends z.ZodType> = Partial<Record<AxisName, z.infer<T>>>

const Values = perAxis((name) => valueFor(AXES[name].input))
const Lists = perAxis((name) => someOf(valueFor(AXES[name].input)))
/** Cells whose values are among those listed; an axis that is not named may have any. */
const Pattern = Lists.refine(
  (pattern) => Object.keys(pattern).length > 0,
  'Name at least one axis: this would match every cell.',
)

export const Known = z.strictObject({
  cells: Pattern,
  outcome: Outcome.exclude(['cancelled']),
  reason: z.string().min(1, 'Say why it is so.'),
  expires: z.iso.date('Write the day as YYYY-MM-DD.').optional(),
})

/** A compatibility spec as it is written; every scalar is text. */
export const SpecText = z.strictObject({
  preset: z.enum(PRESET_NAMES).optional(),
  axes: Lists.default({}),
  with: z
    .strictObject(
      Object.fromEntries(SHARED_INPUTS.map((name) => [name, valueFor(name).optional()])),
    )
    .default({}),
  include: z.array(Values).default([]),
  exclude: z.array(Pattern).default([]),
  known: z.array(Known).default([]),
})

export type Pattern = z.infer<typeof Pattern>
export type Known = z.infer<typeof Known>
export type Spec = Omit<z.infer<typeof SpecText>, 'preset'>

/** What may stand under a path of a spec, for messages. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first, , third] = path
  if (first === undefined) return Object.keys(SpecText.shape)
  if (first === 'with') return SHARED_INPUTS
  return first === 'known' && third === undefined ? Object.keys(Known.shape) : AXIS_NAMES
}
