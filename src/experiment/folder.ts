import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorMessage } from '../errors.js'
import { reportFiles } from '../report/files.js'
import { NO_EVIDENCE_TEXTS } from '../report/types.js'
import type { ReportMaterial } from '../report/types.js'
import type { EvidenceFile } from '../result/schema.js'

/** Written by the image build while it runs, not by the reports. */
const BUILD_LOG = 'build.log'
const RESULT = 'result.json'

/**
 * Writes everything that a run leaves: raw evidence, result.json, report.html and the pictures. What can't be
 * written, on a full disk for one, is a warning: the verdict stands without it.
 * @returns the material with the list of evidence files filled in
 */
export async function writeFolder(
  folder: string,
  material: ReportMaterial,
): Promise<ReportMaterial> {
  const { complete, written } = await writeAll(folder, material)
  if (written.has(RESULT)) return complete
  // The verdict is worth more than what it rests on.
  for (const name of written) await rm(join(folder, name), { force: true })
  const bare = { ...material, texts: NO_EVIDENCE_TEXTS, result: complete.result }
  return (await writeAll(folder, bare)).complete
}

interface Written {
  readonly complete: ReportMaterial
  readonly written: ReadonlySet<string>
}

async function writeAll(folder: string, material: ReportMaterial): Promise<Written> {
  const build = await readFile(join(folder, BUILD_LOG), 'utf8').catch(() => '')
  const texts = { ...material.texts, build }
  const raw = Object.entries({
    'threads.txt': [texts.threads, texts.threadsFull].filter((text) => text !== '').join('\n\n'),
    'goroutines.txt': texts.goroutines,
    'output.log': texts.output,
    'gdb.log': texts.gdb,
  }).filter(([, text]) => text !== '')
  const failures = await writeFiles(folder, raw)
  const names = [...raw.map(([name]) => name), ...(build === '' ? [] : [BUILD_LOG])]
  const evidence = await listEvidence(
    folder,
    names.filter((name) => !failures.has(name)),
  )
  const complete = addWarnings(
    { ...material, texts, result: { ...material.result, evidence } },
    failures,
  )
  const reports = Object.entries(reportFiles(complete))
  const unwritten = await writeFiles(folder, reports)
  const all = [...names, ...reports.map(([name]) => name)]
  return {
    complete: addWarnings(complete, unwritten),
    written: new Set(all.filter((name) => !failures.has(name) && !unwritten.has(name))),
  }
}

/** Writes what can be written; a file that is cut off is removed. Gives why for each that is not there. */
async function writeFiles(
  folder: string,
  files: readonly (readonly [name: string, text: string])[],
): Promise<Map<string, string>> {
  const failures = new Map<string, string>()
  for (const [name, text] of files) {
    try {
      await writeFile(join(folder, name), text)
    } catch (thrown) {
      failures.set(name, errorMessage(thrown))
      await rm(join(folder, name), { force: true })
    }
  }
  return failures
}

function addWarnings(
  material: ReportMaterial,
  failures: ReadonlyMap<string, string>,
): ReportMaterial {
  const found = [...failures].map(([name, why]) => `${name} could not be written: ${why}.`)
  const warnings = [...material.result.warnings, ...found]
  return { ...material, result: { ...material.result, warnings } }
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
