import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { leftContainers } from '../__tests__/helpers/leftovers.js'
import { setup } from '../__tests__/helpers/host.js'
import { makeProgramImage, removeImage } from '../__tests__/helpers/images.js'
import { runStep } from '../__tests__/helpers/runner.js'
import type { StepRun } from '../__tests__/helpers/runner.js'
import { hostEnvironment } from '../__tests__/helpers/tools.js'
import { findEngine } from '../src/engine.js'
import { runCommand } from '../src/exec.js'
import type { CellDeps } from '../src/experiment/deps.js'
import { runCell } from '../src/experiment/cell.js'
import { planCell } from '../src/experiment/plan.js'
import { actingInputs, readInputs, readInputTexts } from '../src/inputs/inputs.js'
import { SILENT } from '../src/log.js'
import { keepTable } from './reliability-doc.js'
import { describeSoak } from './soak-table.js'
import type { Soak, SoakRun } from './soak-table.js'

const COMMAND_MS = 60_000
const SETTLE_MS = 5_000
const FLOOD = `perl -e 'print "x" x 1023, "\\n" for 1..1048576'`
const WATCHED_SECONDS = 20
const CLOCK_TICKS = 100

/** Runs many cells in a row on this machine, then a flood and a crowd, and prints what they took and left. */
async function soak(runs: number): Promise<Soak> {
  const tearDown = await setup()
  const image = await makeProgramImage({ source: 'threads' })
  try {
    const done = await runMany(image, runs)
    const flood = await runStep('run', { inputs: shortRun('debian:trixie', FLOOD, '100s') })
    const crowd = await watchCrowd(image)
    return { runs: done, floodMiB: flood.peakMiB, floodSeconds: flood.tookMs / 1000, crowd }
  } finally {
    await removeImage(image)
    await tearDown()
  }
}

/** All in this one process, as a matrix on one machine runs its cells: what a run does not give back adds up. */
async function runMany(image: string, runs: number): Promise<SoakRun[]> {
  const folder = await mkdtemp(join(tmpdir(), 'soak-'))
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  const deps = { env: hostEnvironment(), log: SILENT, signal: new AbortController().signal }
  const collect = exposeCollector()
  const done: SoakRun[] = []
  try {
    for (let run = 0; run < runs; run += 1) {
      done.push(await runOnce(image, folder, deps, collect))
      process.stderr.write(`${progressLine(done)}\n`)
    }
    return done
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
    await rm(folder, { recursive: true })
  }
}

/** V8's own collector, which it shows only when asked to. */
function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** One whole cell, and what there is on the machine and in this process after it. */
async function runOnce(
  image: string,
  folder: string,
  deps: CellDeps,
  collect: () => void,
): Promise<SoakRun> {
  const given: Readonly<Record<string, string>> = shortRun(image, '4 100', '1s')
  const read = (name: string): string => given[name] ?? ''
  const place = { folder: join(folder, 'results'), cwd: folder }
  const startedAt = performance.now()
  const plan = await planCell(readInputs(read), actingInputs(readInputTexts(read)), place, deps)
  const host = { engine: await findEngine(undefined, deps.env), env: deps.env }
  const { material } = await runCell(plan, host, deps)
  const seconds = (performance.now() - startedAt) / 1000
  await rm(place.folder, { recursive: true })
  collect()
  const { heapUsed, rss } = process.memoryUsage()
  return {
    seconds,
    heapMiB: heapUsed / 1024 ** 2,
    residentMiB: rss / 1024 ** 2,
    handles: await countHandles(),
    outcome: material.result.outcome,
    containers: (await leftContainers(plan.id)).length,
    images: (await listImages()).length,
    files: (await readdir(folder)).length,
  }
}

/** A client of the engine may end a moment after its container: it has a while to be gone. */
async function countHandles(): Promise<number> {
  const until = performance.now() + SETTLE_MS
  while (process.getActiveResourcesInfo().includes('ProcessWrap') && performance.now() < until)
    await sleep(SETTLE_MS / 100)
  return process.getActiveResourcesInfo().length
}

function progressLine(done: readonly SoakRun[]): string {
  const { outcome, seconds, heapMiB, residentMiB, handles } = done.at(-1) ?? {}
  const figures = [seconds, heapMiB, residentMiB].map((figure) => figure?.toFixed(2))
  return [done.length, outcome, ...figures, handles].join('\t')
}

function shortRun(image: string, command: string, duration: string): Record<string, string> {
  return { image, command, duration, experiment: 'natural', upload: 'never' }
}

async function listImages(): Promise<string[]> {
  const args = ['image', 'ls', '--quiet', 'cgo-deadlock/tools']
  const { stdout } = await runCommand('docker', args, {
    env: hostEnvironment(),
    deadlineMs: COMMAND_MS,
  })
  return stdout.split('\n').filter((id) => id !== '')
}

/** What watching 2,000 threads costs, in shares of one core: the sampler's and our own process's CPU time. */
async function watchCrowd(image: string): Promise<Soak['crowd']> {
  let last = 0
  const timer = setInterval(
    () => void readSamplerSeconds().then((now) => (last = now || last)),
    1000,
  )
  const inputs = shortRun(image, '2000', `${WATCHED_SECONDS}s`)
  const step: StepRun = await runStep('run', { inputs })
  clearInterval(timer)
  return {
    threads: 2000,
    seconds: WATCHED_SECONDS,
    samplerSeconds: last,
    outcome: step.outputs['outcome'] ?? '?',
  }
}

/** CPU time of the newest process of the sampler's name; 0 without one (proc(5), stat: utime and stime). */
async function readSamplerSeconds(): Promise<number> {
  const found = await runCommand('pgrep', ['--newest', '--exact', 'progress'], {
    env: hostEnvironment(),
    deadlineMs: COMMAND_MS,
    allowFailure: true,
  })
  const pid = found.stdout.trim()
  if (pid === '') return 0
  const stat = await runCommand('cat', [`/proc/${pid}/stat`], {
    env: hostEnvironment(),
    deadlineMs: COMMAND_MS,
    allowFailure: true,
  })
  const fields = stat.stdout.slice(stat.stdout.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / CLOCK_TICKS
}

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '200' }, keep: { type: 'boolean', default: false } },
})
const result = await soak(Number(values.runs))
const { text, failed } = describeSoak(result)
process.stdout.write(`${text}\n`)
if (values.keep) await keepTable('soak', text, 'npm run soak -- --keep')
process.exitCode = failed ? 1 : 0
