import { createHash } from 'node:crypto'
import { ConfigurationError, errorMessage } from '../errors.js'
import { actingInputs, readInputs, readInputTexts, toolchainRequest } from '../inputs/inputs.js'
import type { Inputs } from '../inputs/inputs.js'
import { groupBy } from '../report/group-by.js'
import { resolveBase } from '../toolchain/base.js'
import { AXES, AXIS_NAMES, axesOfInputs, axisDefault, describeValues, valueOf } from './axes.js'
import type { AxisName, AxisValues } from './axes.js'
import type { Known, Pattern, Spec } from './spec.js'

const MAX_COMBINATIONS = 10_000
const ARTIFACT_PREFIX = 'cgo-deadlock-'

/** One combination that is to be run. */
export interface Cell {
  /** Digest of the values that are not defaults: the same cell has it in every spec */
  readonly id: string
  /** The same digest of what its run will record as asked for, by which a result is known */
  readonly recordId: string
  /** Readable, unique, and legal in the name of an artifact or a folder */
  readonly slug: string
  /** For a person, also as a job's name */
  readonly name: string
  readonly values: AxisValues
  /** The label of the machine it wants */
  readonly runner: string
  /** The action's inputs, those that the cell does not name left out */
  readonly inputs: Readonly<Record<string, string>>
  /** Cells of one group run in the same image */
  readonly group: string
}

/** A combination that can't be, or that another cell stands for already. */
export interface LeftOut {
  readonly name: string
  readonly reason: string
}

export interface CellPlan {
  readonly cells: readonly Cell[]
  readonly leftOut: readonly LeftOut[]
  readonly known: readonly Known[]
  /** What in the spec has no effect */
  readonly notes: readonly string[]
}

/**
 * All cells of a spec: every combination of its axes without those excluded, then those included. What can't be built
 * is left out and says why. Cells of one image stand together.
 * @throws ConfigurationError when there are too many combinations, or no cell is left
 */
export function planCells(spec: Spec): CellPlan {
  const combined = combinations(spec.axes).filter(
    (values) => !spec.exclude.some((pattern) => matches(pattern, values)),
  )
  const wanted = [...combined, ...spec.include]
  const cells = new Map<string, Cell>()
  const leftOut: LeftOut[] = []
  for (const values of wanted) {
    const made = makeCell(values, spec.with)
    if ('reason' in made) leftOut.push(made)
    else {
      const key = JSON.stringify([made.group, runInputs(made)])
      const twin = cells.get(key)
      if (twin === undefined) cells.set(key, made)
      else if (twin.id !== made.id) {
        leftOut.push({ name: made.name, reason: `It is the same as ${twin.name}.` })
      }
    }
  }
  if (cells.size === 0) throw nothingLeft(leftOut)
  const all = [...cells.values()]
  return { cells: grouped(all), leftOut, known: spec.known, notes: notesOn(spec, all) }
}

/** True when every axis that the pattern names has one of its values. */
export function matches(pattern: Pattern, values: AxisValues): boolean {
  return AXIS_NAMES.every((name) => pattern[name]?.includes(valueOf(values, name)) ?? true)
}

/** Identity of a cell: a digest of what it gives besides the defaults, so that a new axis does not change it. */
export function cellId(values: AxisValues): string {
  const given = AXIS_NAMES.flatMap((name) => {
    const value = valueOf(values, name)
    return value === axisDefault(name) ? [] : [[name, value]]
  }).toSorted()
  return digest(given)
}

/** Name of the artifact with a cell's result. */
export function artifactOf(cell: Pick<Cell, 'slug'>): string {
  return `${ARTIFACT_PREFIX}${cell.slug}`
}

/** `go1.17-glibc2.31-static-libgcc-1f0c9a2b`: readable, and unique by the id at its end. */
export function slugOf(values: AxisValues): string {
  const words = describeValues(values)
    .replaceAll(/\b(Go|glibc|gcc) (?=\d)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
  return `${words.slice(0, 80) || 'cell'}-${cellId(values).slice(0, 8)}`
}

function makeCell(values: AxisValues, shared: Spec['with']): Cell | LeftOut {
  const name = describeValues(values)
  const slug = slugOf(values)
  const inputs = {
    ...(shared as Record<string, string>),
    ...inputsOf(values),
    expect: 'any',
    'artifact-name': artifactOf({ slug }),
  }
  try {
    const read = (input: string): string => (inputs as Record<string, string>)[input] ?? ''
    const group = groupOf(values, readInputs(read))
    const recordId = cellId(axesOfInputs(actingInputs(readInputTexts(read))))
    const runner = valueOf(values, 'runner')
    return { id: cellId(values), recordId, slug, name, values, runner, inputs, group }
  } catch (error) {
    if (error instanceof ConfigurationError) return { name, reason: errorMessage(error) }
    throw error
  }
}

function inputsOf(values: AxisValues): Record<string, string> {
  return Object.fromEntries(
    AXIS_NAMES.flatMap((name) => {
      const { input } = AXES[name]
      const value = values[name]
      return input === null || value === undefined ? [] : [[input, value]]
    }),
  )
}

/** Digest of what the image is made of, with the base resolved: glibc 2.41 and debian:trixie are one image. */
function groupOf(values: AxisValues, inputs: Inputs): string {
  const others = AXIS_NAMES.filter((name) => AXES[name].builds && !RESOLVED.includes(name))
  const rest = others.map((name) => valueOf(values, name))
  if (inputs.image !== undefined) return digest(rest)
  const { baseImage, gcc, expected } = resolveBase(toolchainRequest(inputs))
  return digest([baseImage, expected.gcc ?? gcc, ...rest])
}

const RESOLVED: readonly AxisName[] = ['glibc', 'base-image', 'gcc']

/** What acts on a cell besides its image. */
function runInputs(cell: Cell): readonly string[] {
  return AXIS_NAMES.filter((name) => !AXES[name].builds).map((name) => valueOf(cell.values, name))
}

function combinations(axes: Spec['axes']): AxisValues[] {
  const named = AXIS_NAMES.flatMap((name) => {
    const values = axes[name]
    return values === undefined ? [] : [{ name, values }]
  })
  const total = named.reduce((product, { values }) => product * values.length, 1)
  if (total > MAX_COMBINATIONS) {
    throw new ConfigurationError(
      `The axes make ${total.toLocaleString('en-US')} combinations; at most ${MAX_COMBINATIONS.toLocaleString('en-US')} are allowed. ` +
        'Take values away, or name single cells under include.',
    )
  }
  if (named.length === 0) return []
  return named.reduce<AxisValues[]>(
    (partial, { name, values }) =>
      partial.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  )
}

/** Cells of one group next to each other. */
function grouped(cells: readonly Cell[]): Cell[] {
  return [...groupBy(cells, ({ group }) => group).values()].flat()
}

function notesOn(spec: Spec, cells: readonly Cell[]): string[] {
  const combined = combinations(spec.axes)
  const idle = spec.exclude
    .map((pattern, at) => ({ pattern, at }))
    .filter(({ pattern }) => !combined.some((values) => matches(pattern, values)))
    .map(({ at }) => `exclude[${at}] matches no combination.`)
  const unmet = spec.known
    .map(({ cells: pattern }, at) => ({ pattern, at }))
    .filter(({ pattern }) => !cells.some((cell) => matches(pattern, cell.values)))
    .map(({ at }) => `known[${at}] matches no cell.`)
  return [...idle, ...unmet]
}

function nothingLeft(leftOut: readonly LeftOut[]): ConfigurationError {
  const [first] = leftOut
  return new ConfigurationError(
    first === undefined
      ? 'The spec has no cells: give values under axes, single cells under include, or a preset.'
      : `None of the ${leftOut.length} combinations of the spec can be built. The first, ${first.name}: ${first.reason}`,
  )
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}
