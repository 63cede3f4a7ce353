import { readFile, writeFile } from 'node:fs/promises'
import { arch, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { between } from './generated.js'

const DOCUMENT = join(import.meta.dirname, '..', 'docs', 'reliability.md')

/**
 * Puts one of the tables of docs/reliability.md in its place, and says where it comes from.
 * @param table Markdown
 * @param command what made it
 */
export async function keepTable(
  part: 'faults' | 'soak',
  table: string,
  command: string,
): Promise<void> {
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()} ${arch()}`
  const date = new Date().toISOString().slice(0, 10)
  const origin = `Made by \`${command}\` on ${date}: ${machine}, Node ${process.versions.node}.`
  const document = await readFile(DOCUMENT, 'utf8')
  await writeFile(DOCUMENT, between(document, part, `${origin}\n\n${table}`))
}
