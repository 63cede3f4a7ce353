/** One run of many, and what there was on the machine after it. */
export interface SoakRun {
  readonly seconds: number
  readonly peakMiB: number
  readonly right: boolean
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

interface Row {
  readonly what: string
  readonly seen: string
  readonly limit: string
  readonly met: boolean
}

/** The table of a soak as Markdown, and whether a limit was not met. */
export function describeSoak(soak: Soak): { readonly text: string; readonly failed: boolean } {
  const rows = [...growthRows(soak.runs), ...loadRows(soak)]
  const lines = rows.map(
    ({ what, seen, limit, met }) => `| ${what} | ${seen} | ${limit} | ${met ? 'yes' : '**no**'} |`,
  )
  const head = ['| what | seen | limit | met |', '| --- | --- | --- | --- |']
  return { text: [...head, ...lines].join('\n'), failed: rows.some(({ met }) => !met) }
}

function growthRows(runs: readonly SoakRun[]): Row[] {
  const [first] = runs
  const last = runs.at(-1)
  if (first === undefined || last === undefined) return []
  const wrong = runs.filter(({ right }) => !right).length
  return [
    row('runs with another outcome', `${wrong} of ${runs.length}`, '0', wrong === 0),
    growth('containers left', first.containers, last.containers),
    growth('images', first.images, last.images),
    growth('files of ours in the temporary folder', first.files, last.files),
    steady('seconds a run', runs, (run) => run.seconds, 's'),
    steady('memory at its peak', runs, (run) => run.peakMiB, 'MiB'),
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

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function row(what: string, seen: string, limit: string, met: boolean): Row {
  return { what, seen, limit, met }
}
