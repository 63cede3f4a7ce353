/** Texts that a program may write to break out of a report. */
export const HOSTILE: readonly string[] = [
  '::error::owned',
  '##[set-output name=x]y',
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '<!-- --><b>bold</b>',
  '</details></pre></title></style></svg>',
  ']]><x/>',
  '```\n# heading\n```',
  '````` five',
  '~~~\n~~~',
  '`one` ``two``',
  '| a | b |\n|---|---|\n| c | d |',
  '\n# heading\n\n- list\n> quote\n1. one\n***\n===',
  '[link](https://evil.example) ![image](https://evil.example/x.png) <https://evil.example>',
  'https://evil.example www.evil.example mail@evil.example',
  '[x]: https://evil.example\n[^1]: note',
  '@octocat @org/team',
  '$a$ $$b$$',
  '&lt;b&gt; &amp; &#60;',
  '"]; click n0 "javascript:alert(1)" %%{init: {}}%%\nend subgraph',
  '\u001b[31mred\u001b[0m\u001b]0;title\u0007\b\0',
  'a\u202egnp.exe\u2066\u200f',
  'line\u2028separator\u2029paragraph\u0085next\rreturn',
  '👩‍💻🔥 ünïcödé 漢字',
  'half \ud83d surrogate',
  'x'.repeat(20_000),
]

/** Keys whose values are not free text. */
const FIXED = new Set([
  ...['schemaVersion', 'startedAt', 'outcome', 'conclusion', 'expect', 'experiment', 'reason'],
  ...['class', 'failure', 'confidence', 'kind', 'role', 'window', 'linkage', 'lookup', 'tool'],
  ...['from', 'to', 'id', 'asked', 'activity', 'decidedBy'],
])

/** A copy of some data with each free text replaced by what `write` makes of it. */
export function rewriteTexts<T>(data: T, write: (text: string) => string): T {
  return walk(data, write) as T
}

function walk(data: unknown, write: (text: string) => string): unknown {
  if (typeof data === 'string') return write(data)
  if (Array.isArray(data)) return data.map((item) => walk(item, write))
  if (data === null || typeof data !== 'object') return data
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, FIXED.has(key) ? value : walk(value, write)]),
  )
}
