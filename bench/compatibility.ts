import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { format, resolveConfig } from 'prettier'
import { untilCancelled } from '../src/cancel.js'
import { findEngine } from '../src/engine.js'
import { scrubEnvironment } from '../src/environment.js'
import { Compat } from '../src/matrix/compat.js'
import { compatMarkdown } from '../src/matrix/summary.js'
import { describeMachine } from './machine.js'
import { findWrong, SAFE_LIBGCC } from './truth.js'

const ROOT = join(import.meta.dirname, '..')
const SPEC = join(import.meta.dirname, 'compatibility.yml')
const DOCUMENT = join(ROOT, 'docs', 'compatibility.md')
/** Cells that are also run one by one: those of one base tell as much as all, in a fraction of the time. */
const ALONE = 'debian:trixie'

/** A run of the whole command line. */
interface Timed {
  readonly what: string
  readonly cells: number
  readonly seconds: number
}

const COLD = 'with nothing built'
const WARM = 'with all images there'

/**
 * Runs all cells of the spec with nothing built, then again with all images there, then some of them by themselves, and
 * keeps table and times in docs/compatibility.md.
 * It removes this tool's images and empties the builder's cache first: for the machine of a bench, not for one in use. With
 * `--warm` it does not, and the time of the last run from nothing stays in the document.
 */
async function compare(signal: AbortSignal): Promise<void> {
  const { values } = parseArgs({ options: { warm: { type: 'boolean', default: false } } })
  const env = scrubEnvironment(process.env)
  const machine = describeMachine(await findEngine('docker', env))
  const folder = await mkdtemp(join(tmpdir(), 'compatibility-'))
  const timed: Timed[] = []
  try {
    if (!values.warm) await forget()
    for (const what of values.warm ? [WARM] : [COLD, WARM]) {
      const results = join(folder, what.replaceAll(' ', '-'))
      timed.push(await timeMatrix(what, SPEC, results, [], signal))
    }
    const few = join(folder, 'few.yml')
    const text = await readFile(SPEC, 'utf8')
    await writeFile(few, text.replace(/base-image: .*/, `base-image: ['${ALONE}']`))
    timed.push(await timeMatrix(`${ALONE}, side by side`, few, join(folder, 'side'), [], signal))
    const alone = ['--jobs', '1']
    timed.push(await timeMatrix(`${ALONE}, one by one`, few, join(folder, 'one'), alone, signal))
    const compat = await report(join(folder, WARM.replaceAll(' ', '-')), signal)
    await keep(
      documentText(compat, [...(values.warm ? await lastCold() : []), ...timed.map(row)], machine),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Keeps it as `npm run lint` wants it. */
async function keep(text: string): Promise<void> {
  const options = await resolveConfig(DOCUMENT)
  await writeFile(DOCUMENT, await format(text, { ...options, filepath: DOCUMENT }))
}

/** The next build is one from nothing: of what is there only the base images stay. */
async function forget(): Promise<void> {
  const { stdout } = await execa('docker', ['image', 'ls', '-q', 'cgo-deadlock'])
  const images = [...new Set(stdout.split('\n').filter((id) => id !== ''))]
  if (images.length > 0) await execa('docker', ['image', 'rm', '--force', ...images])
  await execa('docker', ['builder', 'prune', '--all', '--force'])
}

async function timeMatrix(
  what: string,
  spec: string,
  folder: string,
  flags: readonly string[],
  signal: AbortSignal,
): Promise<Timed> {
  process.stderr.write(`${what}\n`)
  const begun = performance.now()
  await command(['matrix', spec, '--run', '--folder', folder, ...flags], signal)
  const seconds = (performance.now() - begun) / 1000
  const { cells } = await report(folder, signal)
  process.stderr.write(`${what}: ${cells.length} cells in ${seconds.toFixed(0)} s\n`)
  return { what, cells: cells.length, seconds }
}

async function report(folder: string, signal: AbortSignal): Promise<Compat> {
  await command(['report', folder, '--fail-on', 'never'], signal)
  return Compat.parse(JSON.parse(await readFile(join(folder, 'compat.json'), 'utf8')))
}

async function command(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = { stdio: 'inherit', cancelSignal: signal, cwd: ROOT } as const
  await execa(process.execPath, [join(ROOT, 'dist', 'cli', 'index.js'), ...args], options)
}

/** The line of the run from nothing that the document has. */
async function lastCold(): Promise<string[]> {
  const lines = (await readFile(DOCUMENT, 'utf8')).split('\n')
  return lines.filter((line) => line.startsWith(`| ${COLD} `))
}

function row({ what, cells, seconds }: Timed): string {
  return `| ${what} | ${cells} | ${(seconds / 60).toFixed(1)} min | ${(seconds / cells).toFixed(1)} s |`
}

function documentText(compat: Compat, rows: readonly string[], machine: string): string {
  const wrong = findWrong(compat.cells)
  const truth =
    wrong.length === 0
      ? `All ${compat.cells.length} cells are as the ground truth has them: a symbolizer that unwinds through a libgcc older than ${SAFE_LIBGCC} deadlocks, all else is immune.`
      : `${wrong.length} of ${compat.cells.length} cells are not as the ground truth has them: ${wrong.map(({ name, outcome, state }) => `${name} (${outcome ?? state})`).join('; ')}.`
  return `# Every toolchain that can be had here

Made by \`npm run bench:compatibility\`: ${machine}. One command runs all cells of
[bench/compatibility.yml](../bench/compatibility.yml) on this machine, another makes the table of their results.

${truth}

| run | cells | time | a cell |
| --- | ----: | ---: | -----: |
${rows.join('\n')}

${compatMarkdown(compat, { heldBytes: 0, artifactUrl: null }).replaceAll(/^#/gm, '##')}`
}

await untilCancelled(compare)
