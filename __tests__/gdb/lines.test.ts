import { describe, expect, it } from 'vitest'
import { cleanLines } from '../../src/gdb/lines.js'

const FRAME = '#0  0x00007f12 in poll () from /lib/libc.so.6'

describe('cleanLines', () => {
  it.each([
    ['mail quotes', '> > '],
    ['mail quotes without blanks', '>>'],
    ['a prompt', '(gdb) '],
    ['a pager', '--Type <RET> for more, q to quit, c to continue without paging--'],
    ['an old pager', '---Type <return> to continue, or q <return> to quit---'],
    ['a time', '2024-05-01T10:00:00.123Z '],
    ['a time and a level', '2024-05-01 10:00:00,123 INFO '],
    ['syslog', 'May  1 10:00:00 host worker[123]: '],
    ['a bracketed time', '[   12.345678] '],
    ['compose', 'app-1  | '],
    ['GitHub Actions', '2024-05-01T10:00:00.1234567Z '],
    ['a logger', 'gdb.runner: '],
    ['indentation', '        '],
  ])('takes %s away', (_name, prefix) => {
    expect(cleanLines(`${prefix}${FRAME}`)).toEqual([FRAME])
  })

  it('leaves other text alone', () => {
    const text = '        text = "see #1  0x0 in f () from x"'
    expect(cleanLines(text)).toEqual([text])
  })

  it('takes the same prefix from the lines that continue a frame', () => {
    expect(
      cleanLines('10:00:01 worker: #1  0x1 in f (a=1,\n10:00:01 worker:     b=2) at f.c:1'),
    ).toEqual(['#1  0x1 in f (a=1,', '    b=2) at f.c:1'])
  })

  it('takes colours away', () => {
    expect(cleanLines('#0  \u001b[34m0x00007f12\u001b[m in \u001b[33mpoll\u001b[m ()')).toEqual([
      '#0  0x00007f12 in poll ()',
    ])
  })
})
