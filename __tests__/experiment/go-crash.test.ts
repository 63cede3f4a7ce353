import { expect, it } from 'vitest'
import { findGoCrash } from '../../src/experiment/go-crash.js'

const IN_C =
  'Loop #1\nSIGSEGV: segmentation violation\nPC=0x7f00 m=4 sigcode=1\n\ngoroutine 0 [idle]:\n'
const IN_GO =
  'panic: runtime error: invalid memory address\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x46d8a1]\n'

it.each([
  ['the same with the time it came at', 2, IN_C.replace('SIG', '[   1.234] SIG'), 'SIGSEGV'],
  ['a signal in C code', 2, IN_C, 'SIGSEGV'],
  [
    'an abort in C++',
    2,
    IN_C.replace('SIGSEGV: segmentation violation', 'SIGABRT: abort'),
    'SIGABRT',
  ],
  ['a signal in Go code', 2, IN_GO, 'SIGSEGV'],
  ['a panic without a signal', 2, 'panic: oops\n\ngoroutine 1 [running]:\n', null],
  ['the same words with another exit code', 1, IN_C, null],
  ['a line that only mentions a signal', 2, 'got SIGSEGV: will retry\n', null],
] as const)('%s', (_name, code, output, signal) => {
  expect(findGoCrash(code, output)).toBe(signal)
})
