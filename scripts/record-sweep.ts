import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { untilCancelled } from '../src/cancel.js'
import { removeContainers } from '../src/container/containers.js'
import { findEngine } from '../src/engine.js'
import { scrubEnvironment } from '../src/environment.js'
import { makeImages } from '../src/experiment/images.js'
import { planCell } from '../src/experiment/plan.js'
import { openSweepGround } from '../src/experiment/sweep-ground.js'
import { INPUT_DEFAULTS, readInputs } from '../src/inputs/inputs.js'
import { SILENT } from '../src/log.js'

const LIMIT_SECONDS = 600
const USAGE =
  'usage: tsx scripts/record-sweep.ts --out FILE [--glibc-version 2.31 …any input] -- [--avoid SYMBOL]… PASSAGE…'

/**
 * Records what native/sweep says of a real program, line by line as it says it: the fixtures under
 * __tests__/fixtures/sweep are made so.
 */
async function record(args: readonly string[], signal: AbortSignal): Promise<void> {
  const divide = args.indexOf('--')
  if (divide < 0) throw new Error(USAGE)
  const names = ['out', ...Object.keys(INPUT_DEFAULTS)]
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ args: args.slice(0, divide), options })
  const { out } = values
  if (typeof out !== 'string') throw new Error(USAGE)
  const folder = await mkdtemp(join(tmpdir(), 'record-sweep-'))
  const env = scrubEnvironment(process.env)
  const deps = { env, log: SILENT, signal }
  const host = { engine: await findEngine('docker', env), env }
  const inputs = readInputs((name) => values[name] ?? '')
  const plan = await planCell(inputs, {}, { folder, cwd: process.cwd() }, deps)
  const id = randomBytes(5).toString('hex')
  try {
    const images = await makeImages(plan, host, deps)
    const command = [...plan.command, '-profile=false', '-goroutines=false']
    const given = { id, command, runOptions: plan.runOptions }
    const ground = await openSweepGround(
      host,
      { ...given, image: images.target, toolsImage: images.tools, guard: null },
      signal,
    )
    const words = args.slice(divide + 1)
    const passages = words.findIndex(
      (word, at) => !word.startsWith('--') && words[at - 1] !== '--avoid',
    )
    const before = ['--held', '--keep', 'none', ...words.slice(0, passages), String(ground.pid)]
    const chunks: Buffer[] = []
    const running = ground.sweeper.start(
      [...before, ...words.slice(passages)],
      LIMIT_SECONDS,
      (chunk) => chunks.push(chunk),
    )
    await running.finished
    await writeFile(out, Buffer.concat(chunks))
  } finally {
    await removeContainers(host, id)
    await rm(folder, { recursive: true, force: true })
  }
}

await untilCancelled((signal) => record(process.argv.slice(2), signal))
