import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { ConfigurationError, errorMessage } from '../errors.js'
import type { FoundResult } from '../matrix/read-results.js'
import { ERROR_FILE } from './run-folder.js'

const RESULT_FILE = 'result.json'
const MAX_DEPTH = 4

/**
 * Every result.json below a folder, and where a run has left the reason why there is none, that. A file that can't be
 * read is found too. Each is called by the folder that it lies in.
 * @throws ConfigurationError when the folder itself can't be read
 */
export async function findResults(folder: string): Promise<FoundResult[]> {
  const files = await listFiles(folder, MAX_DEPTH).catch((error: unknown) => {
    throw new ConfigurationError(
      `The results in ${folder} can't be read: ${errorMessage(error)}. Give the folder that matrix --run wrote, or one with downloaded artifacts.`,
      { cause: error },
    )
  })
  const wanted = files.filter((file) => /\/(result\.json|error\.txt)$/.test(file)).toSorted()
  const held = new Set(wanted.filter((file) => file.endsWith(RESULT_FILE)).map(dirname))
  return Promise.all(
    wanted
      .filter((file) => file.endsWith(RESULT_FILE) || !held.has(dirname(file)))
      .map(async (file): Promise<FoundResult> => {
        const where = relative(folder, dirname(file)) || '.'
        try {
          const text = await readFile(file, 'utf8')
          return { where, content: file.endsWith(ERROR_FILE) ? { error: text.trim() } : { text } }
        } catch (error) {
          return { where, content: { error: errorMessage(error) } }
        }
      }),
  )
}

async function listFiles(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const below = entries.map(async (entry) => {
    const path = join(folder, entry.name)
    if (entry.isFile()) return [path]
    return entry.isDirectory() && depth > 0 ? listFiles(path, depth - 1) : []
  })
  return (await Promise.all(below)).flat()
}
