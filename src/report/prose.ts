/** A stretch of a sentence; `code` for an identifier or an address. */
export interface ProsePart {
  readonly text: string
  readonly code: boolean
}

/** Words with an underscore or `::`, and `0x…`, without the punctuation around them. */
const CODE =
  /(?<=^|[\s("'])(?:0x[0-9a-f]+|[\w.:@+~$-]*(?:_|::)[\w.:@+~$-]*[\w+](?:\(\))?)(?=$|[\s)"',.;:!?])/g

/**
 * Splits a sentence so that identifiers and addresses can be set as code.
 * @example proseParts('It waits in __lll_lock_wait.') → 'It waits in ', code '__lll_lock_wait', '.'
 */
export function proseParts(sentence: string): ProsePart[] {
  const parts: ProsePart[] = []
  let end = 0
  for (const match of sentence.matchAll(CODE)) {
    parts.push({ text: sentence.slice(end, match.index), code: false })
    parts.push({ text: match[0], code: true })
    end = match.index + match[0].length
  }
  parts.push({ text: sentence.slice(end), code: false })
  return parts.filter((part) => part.text !== '')
}
