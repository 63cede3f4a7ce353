import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cell } from '../__tests__/helpers/cells.js'
import { ALL_CELLS, BOUNDARY_CELLS } from '../__tests__/helpers/cells.js'
import { runCellFromCommandLine } from '../__tests__/helpers/command-line.js'
import { setup } from '../__tests__/helpers/host.js'
import { code, markdownText, paragraph, table, text } from '../src/report/markdown.js'
import { unwinderText } from '../src/result/outputs.js'
import type { Result } from '../src/result/schema.js'

/** How often the two cells that everything rests on are run; the others once each. */
const REPEATS = { vulnerable: 20, safe: 5 }
const SAFE = 'glibc 2.41'

/** One row of the acceptance table: a cell, and what every run of it said. */
interface Row {
  readonly cell: Cell
  readonly engine: 'docker' | 'podman'
  readonly results: readonly Result[]
  readonly right: number
}

/** Runs the whole ground-truth table and keeps what it saw in docs/acceptance.md. Any wrong answer is a failure. */
async function accept(root: string): Promise<void> {
  const tearDown = await setup()
  const rows: Row[] = []
  for (const cell of ALL_CELLS) rows.push(await runRow(cell, 'docker', repeatsOf(cell)))
  for (const cell of BOUNDARY_CELLS.filter(({ name }) => isOnPodman(name))) {
    rows.push(await runRow(cell, 'podman', 1))
  }
  await tearDown()
  await writeFile(join(root, 'docs', 'acceptance.md'), acceptanceText(rows))
  const wrong = rows.filter(({ right, results }) => right < results.length)
  process.stdout.write(`${rows.length - wrong.length} passed, ${wrong.length} failed\n`)
  process.exitCode = wrong.length === 0 ? 0 : 1
}

function repeatsOf({ name }: Cell): number {
  if (name === BOUNDARY_CELLS[0]?.name) return REPEATS.vulnerable
  return name === SAFE ? REPEATS.safe : 1
}

function isOnPodman(name: string): boolean {
  return name === BOUNDARY_CELLS[0]?.name || name === SAFE
}

async function runRow(cell: Cell, engine: Row['engine'], repeats: number): Promise<Row> {
  const results: Result[] = []
  for (let run = 0; run < repeats; run += 1) {
    const flags = [...cell.flags, '--duration', cell.duration, '--engine', engine]
    const { result } = await runCellFromCommandLine([...flags, '--experiment', 'natural'])
    results.push(result)
    process.stdout.write(
      `${engine} ${cell.name}: ${result.outcome} after ${(result.ending.atMs / 1000).toFixed(1)} s\n`,
    )
  }
  const right = results.filter(({ outcome }) => cell.right.includes(outcome)).length
  return { cell, engine, results, right }
}

function acceptanceText(rows: readonly Row[]): string {
  const [first] = rows[0]?.results ?? []
  const engines = [...new Set(rows.map(({ results }) => engineText(results)))].join(' and ')
  const children = [
    paragraph(
      text(
        `Made by npm run accept on ${new Date().toISOString().slice(0, 10)} with ${engines}, ` +
          `kernel ${first?.toolchain?.kernel ?? '?'}, Node ${process.versions.node}. Each run is one ` +
          'natural run; the time is from the start of the container to the verdict.',
      ),
    ),
    table(
      ['cell', 'engine', 'built', 'run-time unwinder', 'runs', 'outcomes', 'median time', 'right'],
      rows.map((row) => cellsOf(row).map((words) => [text(words)])),
    ),
    paragraph(
      text('Counts of every run are in its result.json; one of the first cell: '),
      code(countsText(first)),
    ),
  ]
  return `# The ground truth, run\n\n${markdownText({ type: 'root', children })}`
}

function cellsOf({ cell, engine, results, right }: Row): string[] {
  const [first] = results
  const built = first?.toolchain
  const times = results.map(({ ending }) => ending.atMs).toSorted((a, b) => a - b)
  const median = times[Math.floor(times.length / 2)] ?? 0
  return [
    cell.name,
    engine,
    built ? `Go ${built.go ?? '?'}, glibc ${built.glibc ?? '?'}, gcc ${built.gcc ?? '?'}` : '',
    built ? unwinderText(built) : '',
    String(results.length),
    outcomesText(results),
    `${(median / 1000).toFixed(1)} s`,
    `${right} of ${results.length}`,
  ]
}

function outcomesText(results: readonly Result[]): string {
  const counts = new Map<string, number>()
  for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  return [...counts].map(([outcome, count]) => `${outcome} ${count}`).join(', ')
}

function engineText(results: readonly Result[]): string {
  const engine = results[0]?.engine
  return engine === undefined ? '?' : `${engine.name} ${engine.version}`
}

function countsText(result: Result | undefined): string {
  return result === undefined ? 'none' : JSON.stringify(result.counts)
}

await accept(join(import.meta.dirname, '..'))
