import { cpuUsage } from 'node:process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DiagnosisContext } from '../../src/diagnosis/context.js'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import { Diagnosis } from '../../src/diagnosis/schema.js'
import type { Frame, Lock, StoppedProcess, Thread } from '../../src/gdb/types.js'
import type { ThreadObservation } from '../../src/watch/types.js'
import { makeObservation, makeProcess, makeThread } from '../helpers/process.js'
import { GO_IDLE, LOCK_WINDOW } from '../helpers/stacks.js'

/** Names that the rules look for, so that random stacks meet them often. */
const FUNCTIONS = [
  '__lll_lock_wait',
  '__GI___pthread_mutex_lock',
  '__pthread_mutex_unlock_usercnt',
  '__GI___dl_iterate_phdr',
  '_Unwind_Find_FDE',
  '_Unwind_Backtrace',
  '_Unwind_RaiseException',
  '__cxa_throw',
  'std::terminate()',
  '__GI_abort',
  '_int_malloc',
  '__GI___libc_malloc',
  '_IO_puts',
  '__pthread_join',
  '__pthread_cond_wait',
  '__GI___poll',
  'call_init',
  '_dl_open',
  'runtime.futex',
  'x_cgo_callers',
  'main',
  '',
]
const ADDRESSES = ['0x1000', '0x0000000000001000', '0x2000', '0xzz', '']

const nullable = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(value, { nil: null })
const address = fc.oneof(fc.constantFrom(...ADDRESSES), fc.string({ maxLength: 20 }))
const lwp = nullable(fc.integer({ min: -1, max: 6 }))

const frame: fc.Arbitrary<Frame> = fc.record({
  level: fc.nat(30),
  pc: nullable(address),
  function: nullable(fc.oneof(fc.constantFrom(...FUNCTIONS), fc.string({ maxLength: 30 }))),
  args: nullable(
    fc.oneof(
      fc.constantFrom('mutex=0x1000', 'sig=27', 'sig=99999', 'threadid=4096', 'futex=0x2000'),
      fc.string({ maxLength: 40 }),
    ),
  ),
  file: nullable(fc.string({ maxLength: 8 })),
  line: nullable(fc.nat()),
  library: nullable(fc.constantFrom('/lib/libc.so.6', '/lib/libgcc_s.so.1', '/lib/ld-linux.so.2')),
  signalFrame: fc.boolean(),
  inlined: fc.boolean(),
  cut: nullable(fc.constant('asmcgocall')),
})

const observation: fc.Arbitrary<ThreadObservation> = fc
  .record({
    state: nullable(fc.constantFrom('R', 'S')),
    futex: nullable(
      fc.record({
        address,
        op: fc.constantFrom(0, 6, 9),
        value: fc.nat(3),
        timed: fc.boolean(),
      }),
    ),
    blocked: nullable(fc.constantFrom('fffffffe7ffbfeff', '0', 'x')),
    cpuShare: fc.double({ min: 0, max: 1, noNaN: true }),
    throwsStillMs: nullable(fc.nat(5000)),
    stillMs: fc.nat(5000),
    pcSamples: fc.array(
      fc.record({ pc: address, file: fc.constant(null), offset: fc.constant(null) }),
    ),
  })
  .map((given) => makeObservation(given))

const thread: fc.Arbitrary<Thread> = fc.record({
  number: nullable(fc.nat(9)),
  lwp,
  pthread: nullable(address),
  name: nullable(fc.string({ maxLength: 8 })),
  frames: fc.array(frame, { maxLength: 12 }),
  wait: nullable(
    fc.record({
      kind: fc.constantFrom(
        'mutex',
        'join',
        'loader',
        'malloc-arena',
        'unknown',
        'condvar',
        'once',
      ),
      address: nullable(address),
      timed: fc.boolean(),
      lwp,
      evidence: fc.string({ maxLength: 8 }),
    }),
  ),
  observed: nullable(observation),
  registers: fc.constant(null),
})

const lock: fc.Arbitrary<Lock> = fc.record({
  address,
  symbol: nullable(fc.constantFrom('_rtld_global+2352', 'g_a')),
  library: fc.constant(null),
  kind: fc.constantFrom('normal mutex', 'recursive mutex', 'robust mutex', 'futex word'),
  role: nullable(fc.constantFrom('loader-write-lock', 'loader-load-lock', 'malloc-arena', 'stdio')),
  word: nullable(fc.integer()),
  owner: lwp,
  count: nullable(fc.nat(3)),
  users: nullable(fc.nat(3)),
  guessed: fc.boolean(),
})

const stopped: fc.Arbitrary<StoppedProcess> = fc
  .record({
    threads: fc.array(thread, { maxLength: 6 }),
    locks: fc.array(lock, { maxLength: 4 }),
    signal: nullable(
      fc.record({
        number: nullable(fc.nat(70)),
        name: fc.constantFrom('SIGSEGV', 'SIGABRT', '?'),
        lwp,
      }),
    ),
    unread: fc.array(fc.string({ maxLength: 8 })),
  })
  .map((given) => makeProcess(given))

const context: fc.Arbitrary<DiagnosisContext> = fc.record({
  counts: nullable(
    fc.record({
      throws: nullable(fc.nat()),
      signals: nullable(fc.nat()),
      unwinds: nullable(fc.nat()),
    }),
  ),
  suspicion: nullable(
    fc.record({
      kind: fc.constantFrom('stuck', 'spinning', 'terminated'),
      pid: fc.constant(9),
      tids: fc.array(fc.nat(6)),
      atMs: fc.nat(),
      sinceMs: fc.nat(),
    }),
  ),
})

describe('diagnose', () => {
  it('gives a valid diagnosis for anything, and never throws', () => {
    fc.assert(
      fc.property(stopped, context, (process, given) => {
        const found = diagnose(process, given)
        expect(Diagnosis.parse(found)).toEqual(found)
        const ids = new Set(found.graph.nodes.map(({ id }) => id))
        for (const { from, to } of found.graph.edges) {
          expect(ids.has(from)).toBe(true)
          expect(ids.has(to)).toBe(true)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('reads ten thousand threads in under two seconds of CPU time', () => {
    const threads = Array.from({ length: 10_000 }, (_, index) =>
      makeThread({ number: index + 1, stack: index % 2 === 0 ? GO_IDLE : LOCK_WINDOW }),
    )
    const begin = cpuUsage()
    const found = diagnose(makeProcess({ threads }))
    expect(cpuUsage(begin).user / 1e6).toBeLessThan(2)
    expect(found.class).toBe('signal-reentrancy')
  }, 60_000)
})
