/** A stretch of a sentence; `code` for an identifier, an address, or what a reader's program would make a link of. */
export interface ProsePart {
  readonly text: string
  readonly code: boolean
}

/** A word without the punctuation around it; the `()` of a call stays. */
const WORD = /^([("'‘“]*)(.*?(?:\(\))?)([)"'’”,.;:!?]*)$/s

/** A longer word is no word of a sentence. */
const LONG_WORD = 200

/** Identifiers (an underscore or `::`) and addresses; links and mentions, which stay inert as code. */
const CODE = /^(?=.*\w)(?:.*[^_:].*_|_+[^_]|.*\w::|::\w|0x[0-9a-f]+$|.*:\/\/|.*www\.|.*@)/is

/**
 * Splits a sentence so that identifiers and addresses can be set as code.
 * @example proseParts('It waits in __lll_lock_wait.') → 'It waits in ', code '__lll_lock_wait', '.'
 */
export function proseParts(sentence: string): ProsePart[] {
  const parts: { text: string; code: boolean }[] = []
  for (const word of sentence.split(/( )/)) {
    const long = word.length > LONG_WORD
    const [, before = '', core = word, after = ''] = (long ? null : WORD.exec(word)) ?? []
    const code = long || CODE.test(core)
    for (const [text, isCode] of [
      [before, false],
      [core, code],
      [after, false],
    ] as const) {
      const last = parts.at(-1)
      if (last?.code === false && !isCode) last.text += text
      else parts.push({ text, code: isCode })
    }
  }
  return parts.filter((part) => part.text !== '')
}
