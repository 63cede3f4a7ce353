import { expect, it } from 'vitest'
import { diagnose } from '../../../src/diagnosis/diagnose.js'
import { makeProcess, makeThread } from '../../helpers/process.js'

const signal = { number: 11, name: 'SIGSEGV', lwp: 12 }

/** The second report in the original thread: SIGSEGV in libgcc's fallback under SIGPROF. */
const IN_FALLBACK = `
#0  x86_64_fallback_frame_state (context=0xc0000fae80, fs=0xc0000faf70) at ./md-unwind-support.h:58
#1  uw_frame_state_for (context=context@entry=0xc0000fae80, fs=fs@entry=0xc0000faf70) at ../../../src/libgcc/unwind-dw2.c:1271
#2  0x00007f4d1cbd9203 in _Unwind_Backtrace (trace=0x8f0b10 <callback>, trace_argument=0xc0000fb170) at ../../../src/libgcc/unwind.inc:302
#3  0x00000000008f0ae6 in cgoTraceback (parg=0xc0000fb230) at traceback.c:80
#4  0x00000000008e5b9f in x_cgo_callers (sig=27, info=0xc0000fb3b0) at gcc_traceback.c:22
#5  <signal handler called>
#6  memcpy () from /lib/x86_64-linux-gnu/libc.so.6
#7  work () at work.cc:12`

it('names the handler, the signal and the interrupted code', () => {
  const found = diagnose(
    makeProcess({ threads: [makeThread({ number: 4, stack: IN_FALLBACK })], signal }),
  )
  expect(found).toMatchObject({
    class: 'signal-reentrancy',
    failure: 'crash',
    confidence: 'strong',
    culprits: [{ thread: 4, signal: { name: 'SIGPROF' }, interrupted: { function: 'memcpy' } }],
  })
  expect(found.headline).toContain('SIGSEGV inside the unwinder')
})

it('a crash in a handler that does not unwind is a plain crash', () => {
  const stack = `
#0  write_sample (at=0x0) at profiler.c:7
#1  on_profile (sig=27) at profiler.c:20
#2  <signal handler called>
#3  work () at work.cc:12`
  const found = diagnose(makeProcess({ threads: [makeThread({ number: 4, stack })], signal }))
  expect(found).toMatchObject({ class: 'crash', failure: 'crash' })
  expect(found.headline).toBe(
    'Thread 4 (LWP 12) crashed with SIGSEGV in write_sample (profiler.c:7).',
  )
})

it('a crash in the unwinder with no handler on the stack is a plain crash', () => {
  const stack = IN_FALLBACK.slice(0, IN_FALLBACK.indexOf('#3'))
  const found = diagnose(makeProcess({ threads: [makeThread({ number: 4, stack })], signal }))
  expect(found.class).toBe('crash')
})
