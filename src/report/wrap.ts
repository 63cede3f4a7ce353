import { Help } from 'commander'

/** Breaks a sentence at blanks; lines after the first begin with `indent`. */
export function wrap(sentence: string, width: number, indent = ''): string[] {
  const lead = /^ */.exec(sentence)?.[0] ?? ''
  const room = Math.max(40, width) - Math.max(indent.length, lead.length)
  const lines = new Help().boxWrap(sentence.trim(), room).split('\n')
  return lines.map((line, index) => (index === 0 ? lead : indent) + line)
}
