import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Compat } from '../matrix/compat.js'
import { compatFiles } from '../matrix/files.js'

/** Writes compat.json, compat.html and junit.xml. */
export async function writeCompat(folder: string, compat: Compat): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, content] of Object.entries(compatFiles(compat))) {
    await writeFile(join(folder, name), content)
  }
}
