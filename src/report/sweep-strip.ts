import type {
  DeadlyWindow,
  Sweep,
  SweepFailure,
  SweepPlace,
  SweepWay,
  Temperature,
} from '../sweep/schema.js'

/** A file of the way, with how much of it lies there; the largest come first. */
export interface StripFile {
  readonly path: string
  readonly steps: number
}

/** Neighbouring steps in one function, `from` to `to` inclusive. */
export interface Segment {
  readonly from: number
  readonly to: number
  /** Index into the strip's files */
  readonly file: number
  /** Null where no symbol covers the code */
  readonly function: string | null
  /** Of the first instruction, as the file was linked */
  readonly offset: string
  /** Further functions in it, where pieces were too short to be seen */
  readonly others: number
}

/** Deadly steps side by side. */
export interface Mark {
  readonly from: number
  readonly to: number
  readonly kinds: readonly string[]
  readonly signals: readonly string[]
  readonly first: SweepPlace | null
  readonly last: SweepPlace | null
  readonly waiting: SweepPlace | null
}

/** One passage from its first to its last instruction, ready to be drawn. */
export interface Strip {
  /** Null where the record does not say */
  readonly temperature: Temperature | null
  readonly steps: number
  /** Steps in a row of the picture: 100, 200, 500, 1000, … */
  readonly rowSteps: number
  readonly files: readonly StripFile[]
  readonly segments: readonly Segment[]
  readonly marks: readonly Mark[]
  /** Marks that can't be drawn, since their throw went another way */
  readonly elsewhere: number
}

const MAX_ROWS = 12
const MIN_ROW_STEPS = 100
/** With more pieces than this, those too short to be seen join the one before. */
const MAX_SEGMENTS = 2000
/** So much of a row can still be seen by itself. */
const SEEN = 1 / 300

/** Lays out the way of a sweep with its deadly steps; null where no way is known. */
export function layStrip(sweep: Pick<Sweep, 'way' | 'map' | 'failures'>): Strip | null {
  const { way } = sweep
  if (way === null || way.stretches.length === 0) return null
  const stretches = readStretches(way)
  const steps = (stretches.at(-1)?.to ?? -1) + 1
  const rowSteps = chooseRowSteps(steps)
  const files = sumFiles(way, stretches)
  const numbers = new Map(files.map((file, index) => [file.path, index]))
  const pieces = stretches.map((each) => ({
    ...each,
    file: numbers.get(way.files[each.file] ?? '') ?? 0,
  }))
  const found = findMarks(sweep)
  const marks = found.filter((mark) => liesOn(way, stretches, mark))
  return {
    temperature: way.temperature,
    steps,
    rowSteps,
    files,
    segments: pieces.length > MAX_SEGMENTS ? joinShort(pieces, rowSteps * SEEN) : pieces,
    marks,
    elsewhere: found.length - marks.length,
  }
}

function readStretches(way: SweepWay): Segment[] {
  let from = 0
  return way.stretches.map(([length, file, name, offset]) => {
    const segment = {
      from,
      to: from + length - 1,
      file,
      function: way.functions[name] ?? null,
      offset,
      others: 0,
    }
    from += length
    return segment
  })
}

function sumFiles(way: SweepWay, stretches: readonly Segment[]): StripFile[] {
  const steps = new Map(way.files.map((path) => [path, 0]))
  for (const { file, from, to } of stretches) {
    const path = way.files[file] ?? ''
    steps.set(path, (steps.get(path) ?? 0) + to - from + 1)
  }
  return [...steps]
    .map(([path, count]) => ({ path, steps: count }))
    .toSorted((one, other) => other.steps - one.steps)
}

function chooseRowSteps(steps: number): number {
  for (let ten = MIN_ROW_STEPS; ; ten *= 10) {
    const found = [ten, ten * 2, ten * 5].find((each) => each * MAX_ROWS >= steps)
    if (found !== undefined) return found
  }
}

function joinShort(pieces: readonly Segment[], shortest: number): Segment[] {
  const joined: Segment[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    if (last === undefined || last.to - last.from + 1 >= shortest) joined.push(piece)
    else joined[joined.length - 1] = { ...last, to: piece.to, others: last.others + 1 }
  }
  return joined
}

/** The windows of the map, and failures that are in none of them. */
function findMarks({ map, failures }: Pick<Sweep, 'map' | 'failures'>): Mark[] {
  const windows = (map?.windows ?? []).map((window) => markWindow(window))
  const others = failures
    .filter(({ step }) => !windows.some(({ from, to }) => step >= from && step <= to))
    .map((failure) => markFailure(failure))
  return [...windows, ...others].toSorted((one, other) => one.from - other.from)
}

function markWindow({ from, to, kinds, signals, first, last, waiting }: DeadlyWindow): Mark {
  return { from, to, kinds, signals, first, last, waiting }
}

function markFailure({ step, kind, signal, at, waiting }: SweepFailure): Mark {
  return {
    from: step,
    to: step,
    kinds: [kind],
    signals: [signal.name],
    first: at,
    last: at,
    waiting,
  }
}

/**
 * A cold throw has other steps than a warm one, and the way is of one of them: a mark is drawn only where the way
 * passes the same function of the same file at that step.
 */
function liesOn(way: SweepWay, stretches: readonly Segment[], { from, first }: Mark): boolean {
  const under = stretches.find((each) => from >= each.from && from <= each.to)
  if (under === undefined) return false
  if (first === null) return true
  return under.function === first.function && way.files[under.file] === (first.file ?? '')
}
