import { actingInputs, readInputTexts } from '../inputs/inputs.js'
import type { InputName } from '../inputs/inputs.js'

/** One thing that the cells of a matrix can differ in. */
export interface Axis {
  /** The action's input that a value goes to; null: the label of the runner, which is no input */
  readonly input: InputName | null
  /** What a person calls it */
  readonly title: string
  /** Where it stands in the table */
  readonly side: 'row' | 'column'
  /** Cells that differ here need different images */
  readonly builds: boolean
  /** A value in a cell's name */
  readonly phrase: (value: string) => string
}

/** All axes, in the order in which a cell's name gives them. A new one is a line here: its values are checked by its input. */
export const AXES = {
  go: axis('go-version', 'Go', 'row', true, (value) => `Go ${value}`),
  glibc: axis('glibc-version', 'glibc', 'row', true, (value) => `glibc ${value}`),
  'base-image': axis('base-image', 'Base image', 'row', true, (value) => value),
  gcc: axis('gcc-version', 'gcc', 'row', true, (value) =>
    value === 'default' ? 'its own gcc' : `gcc ${value}`,
  ),
  libgcc: axis('libgcc', 'Linkage of libgcc', 'row', true, (value) => `${value} libgcc`),
  image: axis('image', 'Image', 'row', true, (value) => value),
  command: axis('command', 'Command', 'row', false, (value) => `“${value}”`),
  engine: axis('engine', 'Engine', 'row', true, (value) => value),
  runner: axis(null, 'Runner', 'row', false, (value) => value),
  symbolizer: axis('symbolizer', 'Symbolizer', 'column', true, (value) =>
    value === 'none' ? 'no symbolizer' : value,
  ),
  experiment: axis('experiment', 'Experiment', 'column', false, (value) =>
    value === 'both' ? 'sweep and natural' : value,
  ),
  mitigation: axis('mitigation', 'Mitigation', 'column', false, (value) =>
    value === 'none' ? 'no mitigation' : `the ${value}`,
  ),
  signal: axis('sweep-signals', 'Signal', 'column', false, (value) => value),
} as const

export type AxisName = keyof typeof AXES

export const AXIS_NAMES = Object.keys(AXES) as readonly AxisName[]

/** A value for each axis that has one; the others are at their defaults. */
export type AxisValues = Readonly<Partial<Record<AxisName, string>>>

const DEFAULT_RUNNER = 'ubuntu-latest'
/** What a run without any input records of its inputs. */
const ACTING_DEFAULTS = actingInputs(readInputTexts(() => ''))

/** The value of an axis that a cell does not give; empty where the action finds it out by itself. */
export function axisDefault(name: AxisName): string {
  const { input } = AXES[name]
  return input === null ? DEFAULT_RUNNER : (ACTING_DEFAULTS[input] ?? '')
}

/** The value of an axis in a cell, given or by default. */
export function valueOf(values: AxisValues, name: AxisName): string {
  return values[name] ?? axisDefault(name)
}

/** Cells that have the same here differ on the axes left out alone. */
export function keyWithout(values: AxisValues, left: readonly AxisName[]): string {
  return JSON.stringify(
    AXIS_NAMES.filter((name) => !left.includes(name)).map((name) => valueOf(values, name)),
  )
}

/** @example describeValues({ glibc: '2.31', libgcc: 'static' }) → 'glibc 2.31, static libgcc' */
export function describeValues(values: AxisValues): string {
  const phrases = AXIS_NAMES.flatMap((name) => {
    const value = values[name]
    return value === undefined ? [] : [AXES[name].phrase(value)]
  })
  return phrases.length === 0 ? 'today’s toolchain' : phrases.join(', ')
}

/** The values of a run's inputs, as far as they are not the defaults. The runner's label is not among the inputs. */
export function axesOfInputs(asked: Readonly<Record<string, string>>): AxisValues {
  return Object.fromEntries(
    AXIS_NAMES.flatMap((name) => {
      const { input } = AXES[name]
      const value = input === null ? undefined : asked[input]
      return value === undefined || value === axisDefault(name) ? [] : [[name, value]]
    }),
  )
}

function axis(
  input: InputName | null,
  title: string,
  side: Axis['side'],
  builds: boolean,
  phrase: Axis['phrase'],
): Axis {
  return { input, title, side, builds, phrase }
}
