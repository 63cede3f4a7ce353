import { escapeUTF8 } from 'entities'

/** HTML that is safe to print; made only by `html`, or by `trusted` from text of our own. */
export interface Markup {
  readonly markup: string
}

type Value = Markup | string | number | null | undefined | false | readonly Value[]

/**
 * A template for HTML. Every value is escaped, between tags and inside double-quoted attributes, unless it is itself
 * made by this template; lists are joined; null, undefined and false print nothing.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return trusted(String.raw({ raw: strings }, ...values.map((value) => print(value))))
}

/** Marks text of our own as HTML: never text that a program, a file or a person gave. */
export function trusted(markup: string): Markup {
  return { markup }
}

function print(value: Value): string {
  if (value === null || value === undefined || value === false) return ''
  if (typeof value === 'string' || typeof value === 'number') return escapeUTF8(String(value))
  if ('markup' in value) return value.markup
  return value.map((item) => print(item)).join('')
}
