import { resolve } from 'node:path'
import { bisectText, testLine } from '../bisect/words.js'
import { AXES } from '../bisect/record.js'
import type { Axis, BisectRecord, Question } from '../bisect/record.js'
import { untilCancelled } from '../cancel.js'
import { scrubEnvironment } from '../environment.js'
import { ConfigurationError } from '../errors.js'
import { runBisect } from '../experiment/bisect.js'
import type { BisectDeps, BisectEvent } from '../experiment/bisect.js'
import { listPoints } from '../experiment/bisect-points.js'
import { INPUT_DEFAULTS, readInputs } from '../inputs/inputs.js'
import type { InputName } from '../inputs/inputs.js'
import { oneOf } from '../inputs/parsers.js'
import { openBisect } from '../matrix-files/bisect-record.js'
import { version } from '../version.js'
import { flagOf } from './flag.js'
import { makeConsoleLogger } from './log.js'
import type { ConsoleLogger } from './log.js'

const EXIT_NOT_FOUND = 3
/** 128 + SIGINT */
const EXIT_CANCELLED = 130

/** Inputs that an axis sets itself. */
const SET_BY: Readonly<Record<Axis, readonly InputName[]>> = {
  symbolizer: ['symbolizer'],
  go: ['go-version'],
  gcc: ['gcc-version'],
  glibc: ['glibc-version', 'base-image'],
}

/** Flags of `bisect` as commander gives them: inputs by their camelCase names, and its own. */
export interface BisectFlags {
  readonly [input: string]: string | boolean | undefined
  readonly axis: string
  readonly good: string
  readonly bad: string
  readonly repository: string
  readonly knownEnds?: boolean
  readonly folder: string
  readonly fresh?: boolean
  readonly json?: boolean
  readonly verbose?: boolean
}

/** `cgo-deadlock bisect`: where along an axis the deadlock begins or ends. */
export async function bisectFromCommandLine(flags: BisectFlags): Promise<void> {
  const log = makeConsoleLogger({ verbose: flags.verbose === true, quiet: flags.json === true })
  const folder = resolve(flags.folder)
  await untilCancelled(async (signal) => {
    const deps = { env: scrubEnvironment(process.env), cwd: process.cwd(), log, signal }
    const question = await ask(flags, deps)
    const record = await openBisect(folder, question, { fresh: flags.fresh === true, log })
    const progress = begin(record, log)
    try {
      const ended = await runBisect({ record, folder, tell: progress.tell }, deps)
      log.stop()
      process.stdout.write(flags.json === true ? `${JSON.stringify(ended)}\n` : bisectText(ended))
      if (ended.conclusion?.kind !== 'found') process.exitCode = EXIT_NOT_FOUND
    } catch (error) {
      if (!signal.aborted) throw error
      const made = progress.made()
      log.info(
        `Interrupted after ${made} ${made === 1 ? 'test' : 'tests'}. The same command goes on from there.`,
      )
      process.exitCode = EXIT_CANCELLED
    } finally {
      log.stop()
    }
  })
}

async function ask(flags: BisectFlags, deps: BisectDeps): Promise<Question> {
  const axis = oneOf('axis', flags.axis, AXES)
  const given = inputsOf(flags)
  const set = SET_BY[axis].find((name) => name in given)
  if (set !== undefined) {
    throw new ConfigurationError(
      `--${set} is ${given[set] ?? ''}, but with --axis ${axis} each point has its own. Leave out --${set}.`,
    )
  }
  const { good, bad } = flags
  const repository = resolve(flags.repository)
  const inputs = readInputs((name) => given[name] ?? '')
  const order = await listPoints(axis, { good, bad, repository }, inputs, deps)
  return {
    ...{ axis, good, bad, inputs: given, tool: version },
    knownEnds: flags.knownEnds === true,
    repository: axis === 'symbolizer' ? repository : null,
    ...order,
  }
}

/** The inputs that differ from their defaults, by their names. */
function inputsOf(flags: BisectFlags): Record<string, string> {
  const texts = Object.entries(INPUT_DEFAULTS).map(([name, unset]): [string, string] => {
    const text = flags[flagOf(name)]
    return [name, typeof text === 'string' && text !== unset ? text : '']
  })
  return Object.fromEntries(texts.filter(([, text]) => text !== ''))
}

/** Says what is searched, and shows each test as a line; on a terminal a changing line says what goes on. */
function begin(
  { question, tests }: BisectRecord,
  log: ConsoleLogger,
): { tell: (event: BisectEvent) => void; made: () => number } {
  const { points, seeks } = question
  const live = process.stderr.isTTY
  let made = tests.length
  let now = ''
  log.info(`Looking for the first ${seeks} of ${points.length} points.`)
  for (const test of tests) log.info(`${testLine(test, points)} (before)`)
  return {
    made: () => made,
    tell: (event) => {
      if (event.kind === 'tested') {
        made += 1
        log.info(testLine(event.test, points))
      } else if (event.kind === 'testing') {
        now = `${event.point.name}, ${event.remaining} more at most`
        log.progress(now)
      } else if (live) log.progress(`${now}: ${event.what}`)
    },
  }
}
