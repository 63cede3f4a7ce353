import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** What differs between two folders, a line a file: `cli/index.js: differs`, sorted; empty when they are the same. */
export async function compareFolders(wanted: string, found: string): Promise<string[]> {
  const [inWanted, inFound] = await Promise.all([listFiles(wanted), listFiles(found)])
  const lines = await Promise.all(
    [...new Set([...inWanted, ...inFound])].sort().map(async (file) => {
      if (!inFound.includes(file)) return `${file}: missing`
      if (!inWanted.includes(file)) return `${file}: should not be there`
      const [one, other] = await Promise.all([
        readFile(join(wanted, file)),
        readFile(join(found, file)),
      ])
      return one.equals(other) ? [] : `${file}: differs`
    }),
  )
  return lines.flat()
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}
