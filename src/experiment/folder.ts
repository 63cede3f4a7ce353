import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reportFiles } from '../report/files.js'
import type { ReportMaterial } from '../report/types.js'
import type { EvidenceFile } from '../result/schema.js'

/** Written by the image build while it runs, not by the reports. */
const BUILD_LOG = 'build.log'

/**
 * Writes everything that a run leaves: raw evidence, result.json, report.html and the pictures.
 * @returns the material with the list of evidence files filled in
 */
export async function writeFolder(
  folder: string,
  material: ReportMaterial,
): Promise<ReportMaterial> {
  const build = await readFile(join(folder, BUILD_LOG), 'utf8').catch(() => '')
  const texts = { ...material.texts, build }
  const raw = Object.entries({
    'threads.txt': [texts.threads, texts.threadsFull].filter((text) => text !== '').join('\n\n'),
    'goroutines.txt': texts.goroutines,
    'output.log': texts.output,
    'gdb.log': texts.gdb,
  }).filter(([, text]) => text !== '')
  for (const [name, text] of raw) await writeFile(join(folder, name), text)
  const evidence = await listEvidence(folder, [
    ...raw.map(([name]) => name),
    ...(build === '' ? [] : [BUILD_LOG]),
  ])
  const complete = { ...material, texts, result: { ...material.result, evidence } }
  for (const [name, content] of Object.entries(reportFiles(complete))) {
    await writeFile(join(folder, name), content)
  }
  return complete
}

async function listEvidence(folder: string, names: readonly string[]): Promise<EvidenceFile[]> {
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const text = await readFile(path, 'utf8')
      const { size } = await stat(path)
      return { name, bytes: size, truncated: text.includes(' bytes left out …]') }
    }),
  )
}
