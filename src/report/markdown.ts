import type { Html, ListItem, Nodes, PhrasingContent, RootContent, Table, TableRow } from 'mdast'
import { gfmToMarkdown } from 'mdast-util-gfm'
import { toMarkdown } from 'mdast-util-to-markdown'
import { proseParts } from './prose.js'
import { visibleBlock, visibleLine } from './visible.js'

/** Markdown text of a tree, as GitHub reads it; `$` is escaped too, since GitHub sets formulas between two of them. */
export function markdownText(node: Nodes): string {
  return toMarkdown(node, {
    extensions: [gfmToMarkdown()],
    unsafe: [{ character: '$', inConstruct: 'phrasing' }],
    bullet: '-',
    rule: '-',
    fences: true,
  })
}

/** Plain text of our own. What a program may have written goes through `prose` or `code`. */
export function text(value: string): PhrasingContent {
  return { type: 'text', value: visibleLine(value) }
}

/** A code span; names and values that a program gave stand in one of these or in a fence. */
export function code(value: string): PhrasingContent {
  return { type: 'inlineCode', value: visibleLine(value).trim() || '–' }
}

/**
 * A sentence with its identifiers set as code, and also everything that GitHub would make a link or a mention of: in
 * a code span both stay inert.
 */
export function prose(sentence: string): PhrasingContent[] {
  const parts = proseParts(visibleLine(sentence.trim() === '' ? '–' : sentence))
  return parts.map((part) => (part.code ? code(part.text) : text(part.text)))
}

export function strong(value: string): PhrasingContent {
  return { type: 'strong', children: [text(value)] }
}

export function emphasis(value: string): PhrasingContent {
  return { type: 'emphasis', children: [text(value)] }
}

export function paragraph(...children: PhrasingContent[]): RootContent {
  return { type: 'paragraph', children }
}

export function heading(depth: 2 | 3 | 4, value: string): RootContent {
  return { type: 'heading', depth, children: [text(value)] }
}

/** A fenced block; the serialiser makes the fence longer than any run of backticks inside. */
export function fence(value: string, language?: string): RootContent {
  return { type: 'code', lang: language ?? 'text', value: visibleBlock(value) }
}

export function list(ordered: boolean, items: readonly RootContent[][]): RootContent {
  const children = items.map((item): ListItem => ({
    type: 'listItem',
    spread: item.length > 1,
    children: item as ListItem['children'],
  }))
  return { type: 'list', ordered, spread: false, children }
}

/** A table; each cell is a list of spans. */
export function table(head: readonly string[], rows: readonly PhrasingContent[][][]): Table {
  const row = (cells: readonly PhrasingContent[][]): TableRow => ({
    type: 'tableRow',
    children: cells.map((children) => ({ type: 'tableCell', children })),
  })
  return {
    type: 'table',
    children: [row(head.map((cell) => [text(cell)])), ...rows.map((cells) => row(cells))],
  }
}

/** Markup of our own, never a program's. */
function raw(value: string): Html {
  return { type: 'html', value }
}

/** A quoted block that GitHub colours by its kind. */
export function alert(
  kind: 'TIP' | 'WARNING' | 'CAUTION',
  children: readonly PhrasingContent[],
): RootContent {
  return {
    type: 'blockquote',
    children: [
      {
        type: 'paragraph',
        children: [raw(`[!${kind}]`), { type: 'text', value: '\n' }, ...children],
      },
    ],
  }
}

/** A block that is folded until somebody opens it. GitHub wants a blank line after the summary. */
export function details(title: string, children: readonly RootContent[]): RootContent[] {
  return [raw(`<details><summary>${title}</summary>`), ...children, raw('</details>')]
}
