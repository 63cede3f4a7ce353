import { describe, expect, it } from 'vitest'
import { placeText } from '../../src/sweep/place.js'
import { recordSweep } from '../../src/sweep/record.js'
import type { SweepAbout } from '../../src/sweep/record.js'
import { Sweep } from '../../src/sweep/schema.js'
import { tellSweep } from '../../src/sweep/story.js'
import { makeDiagnosis } from '../helpers/result.js'
import { recordedTrials } from '../helpers/sweep-events.js'

const ABOUT: SweepAbout = {
  function: '__cxa_throw',
  signals: [27],
  temperatures: ['warm'],
  hasSymbolizer: true,
  seconds: 1.25,
  cancelled: false,
}

function record(name: string, about: Partial<SweepAbout> = {}): Sweep {
  const told = [{ temperature: 'warm' as const, trials: recordedTrials(name), lost: null }]
  return Sweep.parse(recordSweep(told, { ...ABOUT, ...about }))
}

describe('a recorded sweep', () => {
  it('of Debian 11 hangs right after the lock is taken, where every run does', () => {
    const sweep = record('debian11-deadlock')
    expect(sweep.outcome).toBe('deadlock')
    const [failure] = sweep.failures
    expect(failure).toMatchObject({
      kind: 'deadlock',
      temperature: 'warm',
      pattern: 'dense',
      signal: { number: 27, name: 'SIGPROF' },
      step: 256,
      phase: 'handler',
    })
    expect(placeText(failure!.at!)).toBe('pthread_mutex_lock+241 (libpthread-2.31.so)')
    expect(failure!.waiting?.function).toBe('__lll_lock_wait')
    expect(failure!.evidence).toEqual([
      expect.stringMatching(/^asleep in futex\(0x7f[0-9a-f]+\), operation 0x80, value 0x2$/),
      'signals blocked: SigBlk 0xfffffffe7ffbfeef',
      expect.stringMatching(/^two samples were equal, the last one 4\d\d ms after the signal$/),
    ])
    expect(sweep.headline).toBe(
      'A SIGPROF at step 256 of a throw, at pthread_mutex_lock+241 (libpthread-2.31.so), and its handler never came back: the thread waits for ever.',
    )
    expect(sweep.map).toBeNull()
  })

  it('counts what was tried until then, rounds of a repeated instruction apart', () => {
    expect(record('debian11-deadlock').tried).toEqual([
      expect.objectContaining({
        pattern: 'dense',
        throws: 0,
        signals: 181,
        entered: 181,
        returned: 180,
        leftOut: { repeated: 76, blocked: 0, avoided: 0 },
        complete: false,
      }),
    ])
  })

  it('without signals in the lock hangs in the unlock window', () => {
    const [failure] = record('debian11-unlock-window').failures
    expect(failure).toMatchObject({ kind: 'deadlock', pattern: 'strided', step: 2744 })
    expect(failure!.at?.function).toBe('__pthread_mutex_unlock_usercnt')
  })

  it('without signals in lock and unlock runs in a circle in libgcc, whose functions have no names', () => {
    const sweep = record('debian11-livelock')
    const [failure] = sweep.failures
    expect(sweep.outcome).toBe('livelock')
    expect(failure).toMatchObject({ kind: 'livelock', pattern: 'strided', phase: 'handler' })
    expect(failure!.at).toMatchObject({ function: null })
    expect(failure!.spin.length).toBeGreaterThan(1)
    expect(failure!.spin.every(({ file }) => file?.includes('libgcc_s') === true)).toBe(true)
    expect(failure!.evidence[0]).toMatch(/^state R in both samples, \d+ ms of CPU time/)
    expect(sweep.notes.join()).toMatch(/were left out on request/)
  })

  it('shows the way of a throw: each step, in stretches of one function', () => {
    const { way, ends } = record('debian11-deadlock')
    expect(ends).toBe('again')
    expect(way!.stretches.reduce((sum, [steps]) => sum + steps, 0)).toBe(10_713)
    expect(way!.functions[way!.stretches[0]![2]]).toBe('__cxa_throw')
    expect(way!.files.join()).toMatch(/libstdc\+\+.*libgcc_s.*libc.*libpthread/)
  })

  it('names the memory that throw and handler both lock, with both ways there', () => {
    const { hazards, handlerSteps } = record('debian11-locks')
    expect(handlerSteps).toBe(18_789)
    expect(hazards).toHaveLength(1)
    expect(hazards[0]).toMatchObject({ symbol: '_rtld_global+2352', kind: 'lock' })
    const names = (stack: readonly { function: string | null }[]): string[] =>
      stack.flatMap((place) => place.function ?? [])
    expect(names(hazards[0]!.swept.stack)).toEqual(
      expect.arrayContaining(['pthread_mutex_lock', 'dl_iterate_phdr', '__cxa_throw']),
    )
    expect(names(hazards[0]!.handler.stack)).toEqual(
      expect.arrayContaining(['pthread_mutex_lock', 'dl_iterate_phdr', 'x_cgo_callers']),
    )
  })

  it('that was not finished proves nothing, and says what is missing', () => {
    const sweep = record('debian13-immune')
    expect(sweep.outcome).toBe('inconclusive')
    expect(sweep.missing).toEqual([
      'not all was tried (SIGPROF, warm throws, dense)',
      'not all was tried (SIGPROF, warm throws, strided)',
    ])
  })

  it('keeps processes apart', () => {
    const trials = recordedTrials('debian13-cold')
    expect(trials.map(({ ready }) => ready?.process)).toEqual([0, 1, 2])
    expect(trials.map(({ passages }) => passages.length)).toEqual([1, 1, 1])
    const pids = new Set(trials.map(({ ready }) => ready?.pid))
    expect(pids.size).toBe(3)
  })

  it('that was cancelled says so, whatever it had found', () => {
    expect(record('debian11-deadlock', { cancelled: true }).outcome).toBe('cancelled')
  })

  it('that lost its tool says what it said last', () => {
    const trials = recordedTrials('debian13-immune')
    trials[0]!.end = null
    const told = [{ temperature: 'warm' as const, trials, lost: 'the sweep ended with code 137' }]
    const sweep = recordSweep(told, ABOUT)
    expect(sweep.missing).toEqual([
      'the sweep itself was lost: the sweep ended with code 137 (warm throws)',
    ])
  })
})

describe('tellSweep', () => {
  it('puts the instruction before what gdb found, and keeps six sentences', () => {
    const sweep = record('debian11-deadlock')
    const diagnosis = makeDiagnosis()
    const told = tellSweep(sweep, {
      ...diagnosis,
      story: Array.from({ length: 6 }, () => diagnosis.story[0]!),
    })
    expect(told!.story).toHaveLength(6)
    expect(told!.story[0]!.text).toBe(
      'SIGPROF was put at one instruction after the other of a throw; at step 256 (pthread_mutex_lock+241 (libpthread-2.31.so)) its handler did not come back.',
    )
    expect(told!.story[0]!.rests).toMatch(/^the thread is now at __lll_lock_wait\+43/)
  })

  it('leaves a diagnosis alone that no failure led to', () => {
    const diagnosis = makeDiagnosis()
    expect(tellSweep(record('debian13-immune'), diagnosis)).toBe(diagnosis)
    expect(tellSweep(record('debian11-deadlock'), null)).toBeNull()
  })
})
