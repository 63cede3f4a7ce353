import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { corpusText } from './corpus.js'
import {
  descriptionsText,
  matrixDocText,
  parseMetadata,
  readmeText,
  schemaTexts,
} from './generated.js'
import type { Metadata } from './generated.js'

/** Writes what is made from action.yml, from the result's type and from the corpus of dumps; a test fails when it was not run. */
async function generate(root: string): Promise<void> {
  const readme = join(root, 'README.md')
  const matrixDoc = join(root, 'docs', 'matrix.md')
  const metadataOf = async (folder: string): Promise<Metadata> =>
    parseMetadata(await readFile(join(root, folder, 'action.yml'), 'utf8'))
  const metadata = await metadataOf('.')
  const [matrix, report] = [await metadataOf('matrix'), await metadataOf('report')]
  await writeFile(matrixDoc, matrixDocText(await readFile(matrixDoc, 'utf8'), matrix, report))
  await writeFile(readme, readmeText(await readFile(readme, 'utf8'), metadata))
  await writeFile(join(root, 'docs', 'corpus.generated.md'), corpusText(root))
  for (const [name, text] of Object.entries(schemaTexts()))
    await writeFile(join(root, 'schema', name), text)
  await writeFile(join(root, 'src', 'inputs', 'descriptions.json'), descriptionsText(metadata))
}

await generate(join(import.meta.dirname, '..'))
