import { compatJsonSchema } from '../src/matrix/json-schema.js'
import { markdownText, table, text } from '../src/report/markdown.js'
import { inspectionJsonSchema, resultJsonSchema } from '../src/result/json-schema.js'
import { BASES } from '../src/toolchain/catalog.js'
import { fromMarkdown } from 'mdast-util-from-markdown'
import type { Paragraph, PhrasingContent } from 'mdast'
import { parse } from 'yaml'
import { z } from 'zod'

const Metadata = z.object({
  inputs: z.record(z.string(), z.object({ description: z.string(), default: z.string() })),
  outputs: z.record(z.string(), z.object({ description: z.string() })),
})

export type Metadata = z.infer<typeof Metadata>

/** The parts of action.yml that the contract is about. */
export function parseMetadata(yaml: string): Metadata {
  return Metadata.parse(parse(yaml))
}

/** The files of schema/, by name. */
export function schemaTexts(): Readonly<Record<string, string>> {
  const texts = {
    'result.schema.json': resultJsonSchema(),
    'inspection.schema.json': inspectionJsonSchema(),
    'compat.schema.json': compatJsonSchema(),
  }
  return Object.fromEntries(
    Object.entries(texts).map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]),
  )
}

/** The text of src/inputs/descriptions.json: what each input means, for the command line's help. */
export function descriptionsText(metadata: Metadata): string {
  const descriptions = Object.entries(metadata.inputs).map(([name, { description }]) => [
    name,
    description,
  ])
  return `${JSON.stringify(Object.fromEntries(descriptions), null, 2)}\n`
}

/** README.md with the tables between its markers made again from action.yml and from the catalog. */
export function readmeText(readme: string, metadata: Metadata): string {
  return between(withContract(readme, '', metadata), 'bases', basesTable())
}

/** docs/matrix.md with its tables made again from the sub-actions' metadata. */
export function matrixDocText(document: string, matrix: Metadata, report: Metadata): string {
  return withContract(withContract(document, 'matrix-', matrix), 'report-', report)
}

function withContract(document: string, prefix: string, metadata: Metadata): string {
  const inputs = Object.entries(metadata.inputs).map(([name, input]) => [
    [code(name)],
    input.default === '' ? [] : [code(input.default)],
    spans(input.description),
  ])
  const outputs = Object.entries(metadata.outputs).map(([name, output]) => [
    [code(name)],
    spans(output.description),
  ])
  return between(
    between(
      document,
      `${prefix}inputs`,
      markdownText(table(['Input', 'Default', 'Meaning'], inputs)),
    ),
    `${prefix}outputs`,
    markdownText(table(['Output', 'Meaning'], outputs)),
  )
}

const EVIDENCE = { run: 'really run', listed: 'from package lists' } as const

/** The bases of the catalog, and whether this project has run them. */
function basesTable(): string {
  const rows = BASES.map(({ image, glibc, gcc, libgcc, evidence }) => [
    [code(image)],
    [text(glibc)],
    [text([gcc.default, ...gcc.others].toSorted((a, b) => Number(a) - Number(b)).join(', '))],
    [text(libgcc)],
    [text(EVIDENCE[evidence])],
  ])
  return markdownText(table(['Base', 'glibc', 'gcc', 'libgcc at run time', 'Known to us'], rows))
}

/** A document with the content between two of its markers made again. */
export function between(document: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const [from, to] = [document.indexOf(start), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`The document needs the lines ${start} and ${end}`)
  return `${document.slice(0, from + start.length)}\n\n${content}\n${document.slice(to)}`
}

function code(value: string): PhrasingContent {
  return { type: 'inlineCode', value }
}

/** The spans of a description: it is Markdown of our own. */
function spans(description: string): PhrasingContent[] {
  const [block] = fromMarkdown(description).children
  return (block as Paragraph).children
}
