import { readFile } from 'node:fs/promises'
import { ConfigurationError, errorMessage } from '../errors.js'
import type { Compat } from '../matrix/compat.js'
import { readCompat } from '../matrix/read-results.js'

/**
 * The compat.json of an earlier report.
 * @throws ConfigurationError when it can't be read
 */
export async function loadBaseline(path: string): Promise<Compat> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConfigurationError(
      `The baseline ${path} can't be read: ${errorMessage(error)}. Give the compat.json of an earlier report.`,
      { cause: error },
    )
  })
  const compat = readCompat(text)
  if (!('reason' in compat)) return compat
  throw new ConfigurationError(`The baseline ${path} can't be used. ${compat.reason}`)
}
