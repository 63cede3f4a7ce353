import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import { parseGdbText } from '../../src/gdb/text.js'
import type { StoppedProcess } from '../../src/gdb/types.js'
import { dumpNames, dumpText } from './dumps.js'

/** Real dumps, as gdb printed them. */
const DUMPS = [
  'signal-reentrancy',
  'lock-cycle',
  'kinds',
  'idle-pool',
  'loader-cycle',
  'go-reproducer',
  'segfault',
].flatMap((name) => dumpNames(name, /^gdb.*\.txt$/).map((file) => ({ name, file })))

/** Each line of a dump as a mail program, a logger or a terminal passes it on. */
function eachLine(change: (line: string, index: number) => string): (text: string) => string {
  return (text) => text.split('\n').map(change).join('\n')
}

/** Breaks lines at blanks like a mail program, or anywhere like a terminal. */
function wrap(line: string, width: number, anywhere: boolean): string[] {
  const lines: string[] = []
  let rest = line
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width)
    const at = anywhere || blank <= 8 ? width : blank
    lines.push(rest.slice(0, at))
    rest = rest.slice(anywhere || blank <= 8 ? at : at + 1)
  }
  return [...lines, rest]
}

const WAYS: readonly (readonly [string, (text: string) => string])[] = [
  ['Windows line ends', eachLine((line) => `${line}\r`)],
  ['a mail, quoted twice', eachLine((line) => `> > ${line}`)],
  ['a mail that breaks lines', eachLine((line) => wrap(line, 76, false).join('\n'))],
  [
    'a quoted mail that breaks lines',
    eachLine((line) => `> ${wrap(line, 72, false).join('\n> ')}`),
  ],
  ['journald', eachLine((line) => `May 01 10:00:00 host-3 app[991]: ${line}`)],
  ['journald, ISO times', eachLine((line) => `2024-05-01T10:00:00+0200 host-3 app[991]: ${line}`)],
  ['docker logs --timestamps', eachLine((line) => `2024-05-01T10:00:00.123456789Z ${line}`)],
  ['docker compose', eachLine((line) => `app-1  | ${line}`)],
  ['Kubernetes', eachLine((line) => `2024-05-01T10:00:00.123456789Z stderr F ${line}`)],
  [
    "Docker's JSON file",
    eachLine((line) => JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2024-05-01' })),
  ],
  ['GitHub Actions', eachLine((line, at) => `2024-05-01T10:00:00.${1234567 + at}Z ${line}`)],
  ['gh run view --log', eachLine((line) => `build\tRun gdb\t2024-05-01T10:00:00.1234567Z ${line}`)],
  ['GitLab', eachLine((line) => `2024-05-01T10:00:00.123456Z 01O ${line}`)],
  [
    'glog',
    eachLine((line, at) => `I0501 10:00:00.123456 ${String(90 + at).padStart(5)} d.cc:44] ${line}`),
  ],
  ['log4j', eachLine((line) => `2024-05-01 10:00:00,123 [main-2] INFO  c.e.Dumper - ${line}`)],
  ["Python's logging", eachLine((line) => `INFO:root:${line}`)],
  ['seconds since 1970', eachLine((line, at) => `1714557600.${100 + at} ${line}`)],
  ['line numbers', eachLine((line, at) => `${String(at + 1).padStart(5)}  ${line}`)],
  ['MPI', eachLine((line) => `[1,3]<stderr>:${line}`)],
  ["gdb's machine interface", eachLine((line) => `~${JSON.stringify(`${line}\n`)}`)],
  ['an escaped string', (text) => JSON.stringify(text)],
  [
    'HTML',
    (text) => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ],
  ['blanks that do not break', (text) => text.replaceAll(' ', '\u00a0')],
  ['a code block', (text) => `Hello,\n\n\`\`\`\n${text}\n\`\`\`\n\nBye\n`],
  ['colours', (text) => text.replace(/0x[0-9a-f]+/g, '\u001b[34m$&\u001b[m')],
  [
    'a pager',
    eachLine((line, at) =>
      at % 9 === 5
        ? `--Type <RET> for more, q to quit, c to continue without paging--${line}`
        : line,
    ),
  ],
  [
    'an old pager',
    eachLine((line, at) =>
      at % 9 === 5 ? `---Type <return> to continue, or q <return> to quit---\n${line}` : line,
    ),
  ],
]

/** What a reader needs of a model, without what a changed text may leave out. */
function essence({ threads }: StoppedProcess): unknown {
  return threads.map(({ number, lwp, frames, wait }) => ({
    ...{ number, lwp, kind: wait?.kind ?? null, address: wait?.address ?? null },
    frames: frames.map((frame) => [frame.level, frame.function, frame.pc, frame.signalFrame]),
  }))
}

describe.each(DUMPS)('$name/$file', ({ name, file }) => {
  const text = dumpText(name, file)
  const plain = parseGdbText(text)
  const diagnosis = diagnose(plain)

  it.each(WAYS)('is read the same out of %s', (_way, change) => {
    const changed = parseGdbText(change(text))
    expect(essence(changed)).toEqual(essence(plain))
    expect(diagnose(changed)).toMatchObject({
      class: diagnosis.class,
      failure: diagnosis.failure,
      confidence: diagnosis.confidence,
    })
  })

  it('is read as far as it goes when it is cut off anywhere', () => {
    const whole = plain.threads.flatMap(namesOf)
    for (let part = 1; part < 20; part++) {
      const { threads } = parseGdbText(text.slice(0, Math.floor((text.length * part) / 20)))
      const strange = threads.flatMap(namesOf).filter((each) => !whole.includes(each))
      // The cut may go through one name, in the list of threads or in a frame.
      expect(new Set(strange).size).toBeLessThanOrEqual(1)
    }
  })
})

function namesOf({ frames }: StoppedProcess['threads'][number]): string[] {
  return frames.map((frame) => frame.function ?? '??')
}
