import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { leftContainers } from '../__tests__/helpers/leftovers.js'
import { setup } from '../__tests__/helpers/host.js'
import { makeProgramImage, removeImage } from '../__tests__/helpers/images.js'
import { runStep } from '../__tests__/helpers/runner.js'
import type { StepRun } from '../__tests__/helpers/runner.js'
import { hostEnvironment } from '../__tests__/helpers/tools.js'
import { runCommand } from '../src/exec.js'
import { describeSoak } from './soak-table.js'
import type { Soak, SoakRun } from './soak-table.js'

const COMMAND_MS = 60_000
const FLOOD = `perl -e 'print "x" x 1023, "\\n" for 1..1048576'`
const WATCHED_SECONDS = 20
const CLOCK_TICKS = 100

/** Runs many cells in a row on this machine, then a flood and a crowd, and prints what they took and left. */
async function soak(runs: number): Promise<Soak> {
  const tearDown = await setup()
  const image = await makeProgramImage({ source: 'threads' })
  try {
    const done: SoakRun[] = []
    for (let run = 0; run < runs; run += 1) {
      done.push(await runOnce(image))
      if ((run + 1) % 20 === 0) process.stderr.write(`${run + 1} of ${runs} runs\n`)
    }
    const flood = await runStep('run', { inputs: shortRun('debian:trixie', FLOOD, '100s') })
    const crowd = await watchCrowd(image)
    return { runs: done, floodMiB: flood.peakMiB, floodSeconds: flood.tookMs / 1000, crowd }
  } finally {
    await removeImage(image)
    await tearDown()
  }
}

function shortRun(image: string, command: string, duration: string): Record<string, string> {
  return { image, command, duration, experiment: 'natural', upload: 'never' }
}

/** One whole step, and what there is on the machine after it. */
async function runOnce(image: string): Promise<SoakRun> {
  const folder = await mkdtemp(join(tmpdir(), `soak-${randomUUID()}`))
  const step = await runStep('run', { folder, inputs: shortRun(image, '4 100', '1s') })
  await rm(folder, { recursive: true })
  return {
    seconds: step.tookMs / 1000,
    peakMiB: step.peakMiB,
    right: step.outputs['outcome'] === 'clean',
    containers: (await leftContainers(step.state['run-id'])).length,
    images: (await listImages()).length,
    files: (await readdir(tmpdir())).filter((name) => name.startsWith('cgo-deadlock-')).length,
  }
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

const { values } = parseArgs({ options: { runs: { type: 'string', default: '200' } } })
const result = await soak(Number(values.runs))
const { text, failed } = describeSoak(result)
process.stdout.write(`${text}\n`)
process.exitCode = failed ? 1 : 0
