import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DefaultArtifactClient } from '@actions/artifact'
import pLimit from 'p-limit'
import { errorMessage } from '../../errors.js'
import type { FoundResult } from '../../matrix/read-results.js'

const AT_ONCE = 8
/** How the check calls its artifacts when nobody names them, and what the matrix calls them. */
const PREFIX = 'cgo-deadlock-'

/**
 * Downloads the results of this workflow run. Of an artifact that was uploaded again the last one counts.
 * @param folder where to put them, one folder an artifact
 * @param planned names of the artifacts that there should be; others count if they hold a result
 * @param own name of the report's own artifact
 */
export async function downloadResults(
  folder: string,
  planned: ReadonlySet<string>,
  own: string | undefined,
): Promise<FoundResult[]> {
  const client = new DefaultArtifactClient()
  const { artifacts } = await client.listArtifacts({ latest: true })
  const wanted = artifacts.filter(
    ({ name }) => planned.has(name) || (name.startsWith(PREFIX) && name !== own),
  )
  const limit = pLimit(AT_ONCE)
  const found = await Promise.all(
    wanted.map(({ id, name }) =>
      limit(async (): Promise<FoundResult | null> => {
        const path = join(folder, name)
        try {
          await client.downloadArtifact(id, { path })
        } catch (error) {
          return {
            where: name,
            content: { error: `its artifact could not be downloaded: ${errorMessage(error)}` },
          }
        }
        const text = await readFile(join(path, 'result.json'), 'utf8').catch(() => null)
        if (text !== null) return { where: name, content: { text } }
        return planned.has(name)
          ? { where: name, content: { error: 'its artifact has no result.json.' } }
          : null
      }),
    ),
  )
  return found.filter((one) => one !== null)
}
