import { parseArgs } from 'node:util'
import { ConfigurationError } from '../src/errors.js'

/** What a bench was asked to do. */
export interface Options {
  /** Names of measures, in the order they are run */
  readonly only: readonly string[]
  /** Instead of each measure's own number */
  readonly runs: number | undefined
  /** Keep the table in docs/bench.md */
  readonly write: boolean
}

/**
 * Reads `--only verdict,watch --runs 3 --write`.
 * @throws ConfigurationError for what does not exist, and for --write with less than everything
 */
export function readOptions(args: readonly string[], measures: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      runs: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  })
  const only = values.only === undefined ? measures : values.only.split(',')
  const unknown = only.filter((name) => !measures.includes(name))
  if (unknown.length > 0) {
    throw new ConfigurationError(
      `--only ${values.only ?? ''}: there is no ${unknown.join(', ')}. Allowed are ${measures.join(', ')}, with commas between them.`,
    )
  }
  if (values.write && values.only !== undefined) {
    throw new ConfigurationError('--write keeps the whole table: leave out --only.')
  }
  return { only, runs: readRuns(values.runs), write: values.write }
}

function readRuns(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^[1-9]\d{0,2}$/.test(value)) return Number(value)
  throw new ConfigurationError(`--runs ${value}: a whole number from 1 to 999 is allowed.`)
}
