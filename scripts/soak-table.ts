import { markdownText, table, text } from '../src/report/markdown.js'

/** One run of many, and what there was on the machine after it. */
export interface SoakRun {
  readonly seconds: number
  /** What the process that runs them all holds on to, after a collection */
  readonly heapMiB: number
  /** Its resident set */
  readonly residentMiB: number
  /** Timers, pipes, sockets and children that it still has */
  readonly handles: number
  readonly outcome: string
  readonly containers: number
  readonly images: number
  /** Entries of ours in the temporary folder */
  readonly files: number
}

export interface Soak {
  readonly runs: readonly SoakRun[]
  readonly floodMiB: number
  readonly floodSeconds: number
  readonly crowd: {
    readonly threads: number
    readonly seconds: number
    readonly samplerSeconds: number
    readonly outcome: string
  }
}

const FLOOD_LIMIT_MIB = 150e6 / 1024 ** 2
const CROWD_LIMIT = 0.05
/** The last quarter's median may be this much of the first one's */
const STEADY = 1.25
/** The heap wavers by more than that a run; a leak of one run's output, samples or result would be far more */
const GROWTH_LIMIT_KIB = 10

interface Row {
  readonly what: string
  readonly seen: string
  readonly limit: string
  readonly met: boolean
}

/** The table of a soak as Markdown, and whether a limit was not met. */
export function describeSoak(soak: Soak): { readonly text: string; readonly failed: boolean } {
  const rows = [...growthRows(soak.runs), ...loadRows(soak)]
  const cells = rows.map(({ what, seen, limit, met }) =>
    [what, seen, limit, met ? 'yes' : 'no'].map((words) => [text(words)]),
  )
  return {
    text: markdownText(table(['what', 'seen', 'limit', 'met'], cells)),
    failed: rows.some(({ met }) => !met),
  }
}

function growthRows(runs: readonly SoakRun[]): Row[] {
  const [first] = runs
  const last = runs.at(-1)
  if (first === undefined || last === undefined) return []
  const wrong = runs.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'clean')
  return [
    row(
      'runs with another outcome than clean',
      [`${wrong.length} of ${runs.length}`, ...new Set(wrong)].join(', '),
      '0',
      wrong.length === 0,
    ),
    growth('containers left', first.containers, last.containers),
    growth('images', first.images, last.images),
    growth('files of ours in the temporary folder', first.files, last.files),
    steady('seconds a run', runs, (run) => run.seconds, 's'),
    heapRow(runs),
    steady('resident memory of the one process', runs, (run) => run.residentMiB, 'MiB'),
    growth('open timers, pipes and children', first.handles, last.handles),
  ]
}

function loadRows({ floodMiB, floodSeconds, crowd }: Soak): Row[] {
  const share = crowd.samplerSeconds / crowd.seconds
  return [
    row(
      'memory while 1 GiB of output passes',
      `${floodMiB.toFixed(0)} MiB, ${floodSeconds.toFixed(1)} s`,
      `${FLOOD_LIMIT_MIB.toFixed(0)} MiB`,
      floodMiB < FLOOD_LIMIT_MIB,
    ),
    row(
      `share of a core for watching ${crowd.threads} threads (${crowd.outcome})`,
      `${(share * 100).toFixed(1)} %`,
      `${CROWD_LIMIT * 100} %`,
      crowd.samplerSeconds > 0 && share < CROWD_LIMIT,
    ),
  ]
}

function growth(what: string, first: number, last: number): Row {
  return row(
    what,
    `${first} after the first run, ${last} after the last`,
    'no growth',
    last <= first,
  )
}

function steady(
  what: string,
  runs: readonly SoakRun[],
  read: (run: SoakRun) => number,
  unit: string,
): Row {
  const quarter = Math.max(1, Math.floor(runs.length / 4))
  const first = median(runs.slice(0, quarter).map(read))
  const last = median(runs.slice(-quarter).map(read))
  const seen = `${first.toFixed(1)} ${unit} in the first quarter, ${last.toFixed(1)} ${unit} in the last`
  return row(what, seen, `at most × ${STEADY}`, last <= first * STEADY)
}

/** The line that fits all runs best, past the first quarter in which code is still being compiled. */
function heapRow(runs: readonly SoakRun[]): Row {
  const settled = runs.slice(Math.floor(runs.length / 4)).map(({ heapMiB }) => heapMiB)
  const kib = slope(settled) * 1024
  const [least, most] = [Math.min(...settled), Math.max(...settled)]
  return row(
    'heap of the one process after each run',
    `${least.toFixed(1)} to ${most.toFixed(1)} MiB, ${kib.toFixed(1)} KiB more a run`,
    `${GROWTH_LIMIT_KIB} KiB a run`,
    kib < GROWTH_LIMIT_KIB,
  )
}

/** Slope of the least-squares line through values at 0, 1, 2…; 0 for fewer than two. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const above = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0)
  const spread = values.reduce((sum, _value, at) => sum + (at - middle) ** 2, 0)
  return spread === 0 ? 0 : above / spread
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function row(what: string, seen: string, limit: string, met: boolean): Row {
  return { what, seen, limit, met }
}
