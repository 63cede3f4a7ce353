import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import { parseDump } from '../../src/gdb/dump.js'
import { parseGdbText } from '../../src/gdb/text.js'
import type { StoppedProcess } from '../../src/gdb/types.js'
import { dumpNames, dumpText } from './dumps.js'

// CPU time is what is asserted; the clock may run long on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const CASES = ['signal-reentrancy', 'kinds', 'loader-cycle', 'localtime-handler']
const TEXTS = CASES.flatMap((name) => dumpNames(name, /\.txt$/).map((file) => dumpText(name, file)))
const PROTOCOLS = CASES.flatMap((name) =>
  dumpNames(name, /\.jsonl$/).map((file) => dumpText(name, file)),
)

/** Pieces that the reader looks for, put together at random. */
const PIECES = [
  '#0',
  '#1  ',
  '0x7f12',
  ' in ',
  'f',
  '??',
  ' (',
  ')',
  '()',
  '"',
  "'",
  '\\',
  ' at ',
  ' from ',
  '/lib/x.so',
  'a.c:12',
  '<signal handler called>',
  '\n',
  '\n    ',
  '> ',
  '(gdb) ',
  'Thread 1 (LWP 7 "a"):',
  'Thread 0x7f (LWP 8)',
  '[KCrash Handler]',
  '--Type <RET>--',
  '__lock = 2',
  'mutex=0x7f1',
  'pthread_mutex_lock',
  '__lll_lock_wait',
  'threadid=99999999999999999999',
  'runtime.asmcgocall',
]

/** What must hold of any model: nothing half-read. */
function check(process: StoppedProcess): void {
  for (const thread of process.threads) {
    for (const frame of thread.frames) {
      expect(Number.isSafeInteger(frame.level)).toBe(true)
      expect(frame.pc ?? '0x0').toMatch(/^0x[0-9a-f]+$/)
      expect(frame.function).not.toBe('')
      if (frame.signalFrame) expect(frame.function).toBeNull()
    }
    expect(thread.wait?.address ?? '0x0').toMatch(/^0x[0-9a-f]+$/)
  }
}

/** A text with parts cut out, doubled, exchanged or overwritten. */
function mutate(texts: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(200),
    kind: fc.constantFrom('cut', 'double', 'noise', 'lines'),
    noise: fc.string({ maxLength: 20 }),
  })
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 12 }))
    .map(([text, edits]) =>
      edits.reduce((now, { at, length, kind, noise }) => {
        const from = Math.floor(at * now.length)
        const [before, part, after] = [
          now.slice(0, from),
          now.slice(from, from + length),
          now.slice(from + length),
        ]
        if (kind === 'cut') return before + after
        if (kind === 'double') return before + part + part + after
        return kind === 'noise' ? before + noise + after : `${before}\n${part}\n${after}`
      }, text),
    )
}

/** CPU time of this process for one call, in ms: unlike the clock it does not count what other programs use. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

describe('parseGdbText', () => {
  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) =>
        check(parseGdbText(text)),
      ),
    )
  })

  it('never throws on pieces of dumps', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 200 }), (pieces) =>
        check(parseGdbText(pieces.join(''))),
      ),
      { numRuns: 1000 },
    )
  })

  it('never throws on damaged dumps', () => {
    fc.assert(
      fc.property(mutate(TEXTS), (text) => check(parseGdbText(text))),
      { numRuns: 500 },
    )
  })

  it('reads 10,000 threads within a second', () => {
    const stack = Array.from(
      { length: 9 },
      (_, level) =>
        `#${level + 1}  0x00007f48f9b5${level}97d in step_${level} (context=0x7f48f98d${level}b18, size=4096) at /src/work.c:${level}`,
    ).join('\n')
    const threads = Array.from(
      { length: 10_000 },
      (_, index) =>
        `Thread ${index + 1} (Thread 0x7f48${index.toString(16).padStart(5, '0')}700 (LWP ${index + 100}) "pool-${index % 50}"):\n#0  0x00007f48f9df2e2b in __lll_lock_wait (futex=0x7f48f9e3c990 <queue>, private=0) at lowlevellock.c:52\n${stack}\n`,
    )
    let read = 0
    const used = cpuMs(() => {
      read = parseGdbText(threads.join('\n')).threads.length
    })
    expect(read).toBe(10_000)
    expect(used).toBeLessThan(1000)
  })

  it.each([
    ['open parentheses', (size: number) => `#0  0x1 in f ${' ('.repeat(size)}`],
    ['quotes', (size: number) => `#0  0x1 in f (${'"\\"'.repeat(size)}`],
    ['frames that never end', (size: number) => '#0  0x1 in f (a=1,\n'.repeat(size)],
    ['names that never end', (size: number) => `#0  0x1 in f<${'int,\n'.repeat(size)}`],
    ['prompts', (size: number) => '(gdb) '.repeat(size)],
    ['quoted lines', (size: number) => '> > > > #\n'.repeat(size)],
    ['headers', (size: number) => 'Thread 1 (LWP 7 "a"):\n'.repeat(size)],
    ['one long line', (size: number) => `#1  ${'x'.repeat(size * 4)}`],
    ['printed mutexes', (size: number) => '__lock = 2\n'.repeat(size)],
    ['colours', (size: number) => '\u001b[1m#0'.repeat(size)],
    ['records', (size: number) => `{"log":"${'\\n#1  0x12345678 in f ()'.repeat(size)}"}`],
    ['escaped line ends', (size: number) => '\\n#1  0x12345678 in f ()'.repeat(size)],
    ['entities', (size: number) => '&lt;'.repeat(size)],
    [
      'prefixes that are all different',
      (size: number) =>
        Array.from(
          { length: size },
          (_, at) => `${'x'.repeat(at % 97)}y: #0  0x12345678 in f ()`,
        ).join('\n'),
    ],
    [
      'named mutexes',
      (size: number) =>
        Array.from(
          { length: size / 8 },
          (_, at) =>
            `Thread ${at} (LWP ${at}):\n#0  __lll_lock_wait (futex=0x7f${at} <m${at}>) at l.c:1\n#1  0x1 in pthread_mutex_lock (mutex=0x7f${at} <m${at}>) at m.c:1\n(gdb) p m${at}\n$1 = {__data = {__lock = 2, __count = 0, __owner = 1, __nusers = 1, __kind = 0}}`,
        ).join('\n'),
    ],
  ])('takes time in proportion to the length: %s', (_name, make) => {
    const [small, large] = [make(4_000), make(64_000)]
    parseGdbText(small)
    const once = Math.max(
      cpuMs(() => void parseGdbText(small)),
      5,
    )
    expect(cpuMs(() => void parseGdbText(large)) / once).toBeLessThan(16 * 6)
  })
})

/** Threads of which each waits for a lock that the next one owns, and variations; text of `count` threads. */
const CROWDS: readonly (readonly [string, (at: number, count: number) => string])[] = [
  ['a chain of owners', (at) => waiterText(at, `0x7f48f9e${at}`, Math.max(at - 1, 0))],
  ['a circle of owners', (at, count) => waiterText(at, `0x7f48f9e${at}`, (at + 1) % count)],
  [
    'handlers that all wait for one lock',
    (at) =>
      `Thread ${at + 1} (LWP ${at + 100}):\n#0  __lll_lock_wait () at x.c:1\n#1  0x1 in __GI___pthread_mutex_lock (mutex=0x7f) at m.c:1\n#2  0x1 in __GI___dl_iterate_phdr () at x.c:1\n#3  0x1 in _Unwind_Backtrace ()\n#4  0x1 in handler (sig=27)\n#5  <signal handler called>\n#6  0x1 in __GI___pthread_mutex_lock (mutex=0x7f)\n#7  0x1 in __GI___dl_iterate_phdr ()`,
  ],
]

function waiterText(at: number, lock: string, owner: number): string {
  return `Thread ${at + 1} (LWP ${at + 100}):\n#0  __lll_lock_wait (futex=${lock}) at l.c:1\n#1  0x1 in pthread_mutex_lock (mutex=${lock}) at m.c:1\n#2  0x1 in work () at w.c:1\n(gdb) p *(pthread_mutex_t *)${lock}\n$1 = {__data = {__lock = 2, __count = 0, __owner = ${owner + 100}, __nusers = 1, __kind = 0}}`
}

describe('a crowd', () => {
  it.each(CROWDS)('of 10,000 threads is explained within two seconds: %s', (_name, make) => {
    const text = Array.from({ length: 10_000 }, (_, at) => make(at, 10_000)).join('\n')
    const process = parseGdbText(text)
    expect(process.threads).toHaveLength(10_000)
    let failure = ''
    expect(cpuMs(() => void (failure = diagnose(process).failure))).toBeLessThan(2000)
    expect(failure).toBe('deadlock')
  })

  it('a stack of 100,000 frames is read whole', () => {
    const frames = Array.from(
      { length: 100_000 },
      (_, level) => `#${level}  0x00005555${level} in recurse (depth=${level}) at r.c:3`,
    )
    const [thread] = parseGdbText(['Thread 1 (LWP 3):', ...frames].join('\n')).threads
    expect(thread?.frames).toHaveLength(100_000)
  })
})

describe('parseDump', () => {
  it('never throws on any lines', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (lines) =>
        check(parseDump(lines).process),
      ),
    )
  })

  it('never throws on damaged dumps', () => {
    fc.assert(
      fc.property(mutate(PROTOCOLS), (text) => check(parseDump(text.split('\n')).process)),
      { numRuns: 500 },
    )
  })
})
