import { markdownText, table } from '../src/report/markdown.js'
import { resultJsonSchema } from '../src/result/json-schema.js'
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

/** The text of schema/result.schema.json. */
export function schemaText(): string {
  return `${JSON.stringify(resultJsonSchema(), null, 2)}\n`
}

/** The text of src/inputs/descriptions.json: what each input means, for the command line's help. */
export function descriptionsText(metadata: Metadata): string {
  const descriptions = Object.entries(metadata.inputs).map(([name, { description }]) => [
    name,
    description,
  ])
  return `${JSON.stringify(Object.fromEntries(descriptions), null, 2)}\n`
}

/** README.md with the tables between its markers made again from action.yml. */
export function readmeText(readme: string, metadata: Metadata): string {
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
    between(readme, 'inputs', markdownText(table(['Input', 'Default', 'Meaning'], inputs))),
    'outputs',
    markdownText(table(['Output', 'Meaning'], outputs)),
  )
}

function between(document: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const [from, to] = [document.indexOf(start), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`README.md needs the lines ${start} and ${end}`)
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
