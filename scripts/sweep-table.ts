import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cell } from '../__tests__/helpers/cells.js'
import { BOUNDARY_CELLS } from '../__tests__/helpers/cells.js'
import { runCellFromCommandLine } from '../__tests__/helpers/command-line.js'
import { setup } from '../__tests__/helpers/host.js'
import { markdownText, paragraph, table, text } from '../src/report/markdown.js'
import { unwinderText } from '../src/result/outputs.js'
import type { Result } from '../src/result/schema.js'
import type { DeadlyWindow } from '../src/sweep/schema.js'
import { wilson } from '../src/sweep/prediction.js'

const SIGNALS = 'SIGPROF,SIGURG'
const NATURAL_RUNS = 20
const ORIGINAL = ['--glibc-version', '2.31', '--gcc-version', '10', '--go-version', '1.17']

/** Both kinds of unwinder and of symbolizer, on both sides of the boundary. */
const MAPPED = [
  'glibc 2.31, shared libgcc 10, the original Go 1.17',
  'glibc 2.31, frame-pointer symbolizer',
  'glibc 2.41',
  'glibc 2.36, static libgcc 11',
  'glibc 2.31, milvus-io',
]

/** Runs the original naturally, maps cells, and keeps what was seen so far in docs/sweep-table.md after each of them. */
async function recordTable(root: string): Promise<void> {
  const tearDown = await setup()
  const natural: Result[] = []
  for (let run = 0; run < NATURAL_RUNS; run += 1) {
    const { result } = await runCellFromCommandLine([...ORIGINAL, '--experiment', 'natural'])
    natural.push(result)
    say(`natural: ${result.outcome} after ${String(result.counts.signals)} signals`)
  }
  const rows: { cell: Cell; result: Result }[] = []
  for (const name of MAPPED) {
    const cell = BOUNDARY_CELLS.find((each) => each.name === name)
    if (cell === undefined) throw new Error(`no cell is called ${name}`)
    const flags = ['--experiment', 'sweep', '--sweep-map', 'true', '--sweep-signals', SIGNALS]
    const { result } = await runCellFromCommandLine([...cell.flags, ...flags])
    rows.push({ cell, result })
    say(`${cell.name}: ${result.outcome}, ${String(result.sweep?.map?.deadly.length ?? 0)} deadly`)
    await writeFile(join(root, 'docs', 'sweep-table.md'), tableText(rows, natural))
  }
  await tearDown()
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function tableText(
  rows: readonly { cell: Cell; result: Result }[],
  natural: readonly Result[],
): string {
  const [first] = rows
  const children = [
    paragraph(
      text(
        `Made by npx tsx scripts/sweep-table.ts on ${new Date().toISOString().slice(0, 10)}, kernel ${first?.result.toolchain?.kernel ?? '?'}: ` +
          `warm throws, ${SIGNALS.replace(',', ' and ')}, every instruction decided by itself. A window is a run of deadly instructions side by side.`,
      ),
    ),
    table(
      [
        'cell',
        'run-time unwinder',
        'symbolizer',
        'outcome',
        'decided',
        'deadly',
        'windows',
        'signals',
      ],
      rows.map((row) => cellsOf(row).map((words) => [text(words)])),
    ),
    ...comparison(first?.result, natural).map((sentence) => paragraph(text(sentence))),
  ]
  return `# Deadly instructions, by window, signal, unwinder and symbolizer\n\n${markdownText({ type: 'root', children })}`
}

function cellsOf({ cell, result }: { cell: Cell; result: Result }): string[] {
  const { sweep, toolchain } = result
  const map = sweep?.map ?? null
  const steps = new Set(map?.deadly.map(({ step }) => step))
  return [
    cell.name,
    toolchain === null ? '' : unwinderText(toolchain),
    toolchain?.symbolizer?.module.split('/').slice(-2).join('/') ?? 'none',
    result.outcome,
    map === null ? '' : `${String(map.decided)} of ${String(map.of)}`,
    String(steps.size),
    windowsText(map?.windows ?? []),
    [...new Set(map?.windows.flatMap(({ signals }) => signals))].join(', '),
  ]
}

/** `pthread_mutex_lock: 5 × 9; …`: how many windows in a function, and how many instructions each has. */
function windowsText(windows: readonly DeadlyWindow[]): string {
  const groups = new Map<string, DeadlyWindow[]>()
  for (const window of windows) {
    const key = `${window.function ?? window.first.file?.split('/').at(-1) ?? '?'} (${window.kinds.join(', ')})`
    groups.set(key, [...(groups.get(key) ?? []), window])
  }
  return [...groups]
    .map(([name, members]) => {
      const lengths = members.map(({ from, to }) => to - from + 1)
      return `${name}: ${lengths.join(', ')}`
    })
    .join('; ')
}

/** The rate that the map predicts beside the one that was met: in each run the last signal was the first to hang. */
function comparison(mapped: Result | undefined, natural: readonly Result[]): string[] {
  const time = mapped?.sweep?.map?.time ?? null
  const hung = natural.filter(({ outcome }) => outcome === 'deadlock' || outcome === 'livelock')
  const signals = hung.reduce((sum, { counts }) => sum + (counts.signals ?? 0), 0)
  if (time === null || signals === 0) return []
  const met = wilson(hung.length, signals)
  const agree = met.low <= time.high && time.low <= met.high
  return [
    `Predicted for the first cell, from ${String(time.samples)} random moments of a free run: ${percent(time.share)} of signals hang (95 %: ${percent(time.low)} to ${percent(time.high)}).`,
    `Met: ${String(hung.length)} of ${String(natural.length)} natural runs hung, after ${String(signals)} signals in all: ${percent(hung.length / signals)} (95 %: ${percent(met.low)} to ${percent(met.high)}).`,
    agree ? 'The two agree within their bounds.' : 'The two do not agree within their bounds.',
  ]
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}

await recordTable(join(import.meta.dirname, '..'))
