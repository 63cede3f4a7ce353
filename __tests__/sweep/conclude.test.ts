import { describe, expect, it } from 'vitest'
import { concludeSweep } from '../../src/sweep/conclude.js'
import type { SweepFacts } from '../../src/sweep/conclude.js'
import type { Pattern, SweepTried, Temperature } from '../../src/sweep/schema.js'

const SIGPROF = { number: 27, name: 'SIGPROF' }

function row(
  temperature: Temperature,
  pattern: Pattern,
  overrides: Partial<SweepTried> = {},
): SweepTried {
  return {
    temperature,
    pattern,
    signal: SIGPROF,
    throws: pattern === 'dense' ? 1 : 16,
    steps: 9191,
    signals: 9083,
    entered: 9083,
    returned: 9083,
    leftOut: { repeated: 108, blocked: 0, avoided: 0 },
    complete: true,
    seconds: 1,
    ...overrides,
  }
}

const WHOLE = [
  row('warm', 'dense'),
  row('warm', 'strided'),
  row('cold', 'dense'),
  row('cold', 'strided'),
]

function facts(overrides: Partial<SweepFacts> = {}): SweepFacts {
  return {
    function: '__cxa_throw',
    signals: [SIGPROF],
    temperatures: ['warm', 'cold'],
    tried: WHOLE,
    failures: [],
    ends: [],
    hasSymbolizer: true,
    observed: true,
    cancelled: false,
    ...overrides,
  }
}

/** The whole with one row changed. */
function but(
  temperature: Temperature,
  pattern: Pattern,
  overrides: Partial<SweepTried>,
): SweepFacts {
  return facts({
    tried: WHOLE.map((each) =>
      each.temperature === temperature && each.pattern === pattern
        ? { ...each, ...overrides }
        : each,
    ),
  })
}

describe('concludeSweep', () => {
  it('is immune when every handler of every signal entered its traceback and came back', () => {
    expect(concludeSweep(facts())).toEqual({
      outcome: 'immune',
      headline:
        'SIGPROF came at each of the 9,083 instructions of a throw, 36,332 signals in all, and every handler came back.',
      missing: [],
      notes: [
        '108 steps were further rounds of a repeated string instruction; it had its signal in the first round.',
      ],
    })
  })

  it('counts instructions at which the thread had blocked the signal apart: none can arrive there', () => {
    const leftOut = { repeated: 278, blocked: 3023, avoided: 0 }
    const tried = WHOLE.map((each) => ({
      ...each,
      ...{ steps: 11_078, signals: 7777, entered: 7777, returned: 7777, leftOut },
    }))
    const { outcome, headline, notes } = concludeSweep(facts({ tried }))
    expect(outcome).toBe('immune')
    expect(headline).toContain('each of the 7,777 instructions of a throw that can take one')
    expect(notes.join()).toMatch(/At 3,023 instructions the thread had blocked the signal/)
  })

  it('does not take other steps without a signal for blocked ones', () => {
    const leftOut = { repeated: 278, blocked: 2900, avoided: 0 }
    const given = but('warm', 'dense', {
      ...{ steps: 11_078, signals: 7777, entered: 7777, returned: 7777, leftOut },
    })
    expect(concludeSweep(given).missing.join()).toMatch(/only 98\.4 % of the instructions/)
  })

  it('proves nothing where the signal is blocked all the way', () => {
    const leftOut = { repeated: 0, blocked: 9191, avoided: 0 }
    const given = but('cold', 'dense', { signals: 0, entered: 0, returned: 0, leftOut })
    expect(concludeSweep(given).outcome).toBe('inconclusive')
  })

  it.each<[string, SweepFacts, RegExp]>([
    [
      'a handler did not unwind',
      but('warm', 'dense', { entered: 9082 }),
      /1 handler of 9,083 did not enter the traceback function \(SIGPROF, warm throws, dense\)/,
    ],
    [
      'a handler did not come back',
      but('cold', 'strided', { returned: 9082 }),
      /1 handler did not come back \(SIGPROF, cold throws, strided\)/,
    ],
    [
      'too few had a signal',
      but('warm', 'strided', { signals: 8900, entered: 8900, returned: 8900 }),
      /only 98\.0 % of the instructions/,
    ],
    [
      'a passage is missing',
      but('warm', 'strided', { complete: false, throws: 15 }),
      /not all was tried \(SIGPROF, warm throws, strided\)/,
    ],
    [
      'a row is missing',
      facts({ tried: WHOLE.slice(0, 3) }),
      /not all was tried \(SIGPROF, cold throws, strided\)/,
    ],
    [
      'a second signal was not tried',
      facts({ signals: [SIGPROF, { number: 23, name: 'SIGURG' }] }),
      /not all was tried \(SIGURG, warm throws, dense\)/,
    ],
    [
      'the traceback function is unknown',
      facts({ observed: false }),
      /traceback function of the symbolizer was not found/,
    ],
    [
      'there is no breakpoint register',
      facts({ tried: [], ends: [{ temperature: 'warm', reason: 'no-breakpoint', detail: null }] }),
      /no breakpoint register can be had/,
    ],
    [
      'the function is never reached',
      facts({ tried: [], ends: [{ temperature: 'warm', reason: 'never-reached', detail: null }] }),
      /no thread came to __cxa_throw \(warm throws\)/,
    ],
    [
      'nothing handles the signal',
      facts({
        tried: [],
        ends: [{ temperature: 'warm', reason: 'not-handled', detail: 'signal 27' }],
      }),
      /no handler for signal 27/,
    ],
    [
      'tracing is refused',
      facts({
        tried: [],
        ends: [{ temperature: 'warm', reason: 'refused', detail: 'Operation not permitted' }],
      }),
      /may not be traced: Operation not permitted/,
    ],
    [
      'a passage could not be finished',
      facts({ ends: [{ temperature: 'cold', reason: 'trouble', detail: 'no CPU time' }] }),
      /could not be finished: no CPU time \(cold throws\)/,
    ],
  ])('is inconclusive when %s, never immune', (_title, given, missing) => {
    const { outcome, missing: found, headline } = concludeSweep(given)
    expect(outcome).toBe('inconclusive')
    expect(found.join('\n')).toMatch(missing)
    expect(headline).toMatch(/^The sweep proves nothing: /)
  })

  it('takes cold throws alone of a program that throws but once', () => {
    const { outcome, notes } = concludeSweep(
      facts({
        tried: WHOLE.filter(({ temperature }) => temperature === 'cold'),
        ends: [{ temperature: 'warm', reason: 'never-again', detail: null }],
      }),
    )
    expect(outcome).toBe('immune')
    expect(notes).toContain('Warm throws were left out: the program throws but once.')
  })

  it('says of a process that ran already that there was no cold throw', () => {
    const { outcome, notes } = concludeSweep(
      facts({ temperatures: ['warm'], tried: WHOLE.slice(0, 2) }),
    )
    expect(outcome).toBe('immune')
    expect(notes.join()).toMatch(/Cold throws were left out/)
  })

  it('says of a program without a symbolizer that its handlers do not unwind', () => {
    const { outcome, notes } = concludeSweep(facts({ hasSymbolizer: false, observed: false }))
    expect(outcome).toBe('immune')
    expect(notes.join()).toMatch(/handlers do not unwind C frames/)
  })
})
