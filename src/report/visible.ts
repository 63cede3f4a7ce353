import { stripVTControlCharacters } from 'node:util'

/** Controls, marks that turn the direction of text, line and paragraph separators, halves of surrogate pairs. */
const HIDDEN = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu

function escapeHidden(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

/**
 * Text that a program may have written, as one line of at most `limit` characters in which nothing hides: white
 * space becomes a blank, controls and marks of direction become escapes.
 * @example visibleLine('a\nb\u202ec') → 'a b\\u{202e}c'
 */
export function visibleLine(text: string, limit = 2000): string {
  const line = stripVTControlCharacters(text.slice(0, limit * 2)).replace(/[\s]+/gu, ' ')
  const shown = line.replace(HIDDEN, escapeHidden)
  return shown.length > limit ? `${wholeCharacters(shown.slice(0, limit))}…` : shown
}

/** The same for many lines: line ends and tabs stay, terminal colours go, other controls become escapes. */
export function visibleBlock(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll('\r\n', '\n')
    .replace(HIDDEN, (character) =>
      character === '\n' || character === '\t' ? character : escapeHidden(character),
    )
}

/** Drops half of a surrogate pair at the end of a cut text. */
function wholeCharacters(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/, '')
}
