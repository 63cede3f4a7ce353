import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/diagnosis/diagnose.js'
import { makeLock, makeObservation, makeProcess, makeThread } from '../../helpers/process.js'
import { IN_CALLBACK, IN_CALLBACK_UNDER_HANDLER, SYMBOLIZES } from '../../helpers/stacks.js'

const samples = (pcs: readonly string[]): { pc: string; file: string; offset: null }[] =>
  pcs.map((pc) => ({ pc, file: '/lib/x86_64-linux-gnu/libgcc_s.so.1', offset: null }))

const LOOP = samples(['0x7f1000', '0x7f1008', '0x7f1014', '0x7f1008', '0x7f1003', '0x7f1010'])
const SPREAD = samples(['0x7f1000', '0x7f1908', '0x7e0014', '0x7f1008', '0x7d1003', '0x7f1010'])
const own = makeLock({ owner: 12, count: 1, users: 1 })
const victim = makeThread({ number: 6, stack: SYMBOLIZES })

function spinner(stack: string, observed: Parameters<typeof makeObservation>[0]) {
  return makeThread({
    number: 4,
    stack,
    observed: makeObservation({ state: 'R', cpuShare: 0.98, ...observed }),
  })
}

describe('the ring in libgcc, after the handler has returned', () => {
  const found = diagnose(
    makeProcess({
      threads: [spinner(IN_CALLBACK, { pcSamples: LOOP, throwsStillMs: 3000 }), victim],
      locks: [own],
    }),
  )

  it('is a proven livelock, with the properly owned lock and its victims', () => {
    expect(found).toMatchObject({
      class: 'signal-reentrancy',
      failure: 'livelock',
      confidence: 'proven',
      culprits: [{ thread: 4, signal: null, window: null }],
      victims: [{ thread: 6 }],
      lock: { owner: 12, count: 1 },
    })
    expect(found.headline).toContain('runs in a circle for ever')
  })

  it('says what it saw', () => {
    const rests = found.story.map((sentence) => sentence.rests).join('\n')
    expect(rests).toContain('6 samples of the program counter within 64 bytes')
    expect(rests).toContain('no throw for 3.0 s at 98 % of a core')
    expect(found.story.length).toBeLessThanOrEqual(6)
  })
})

describe('less to go on', () => {
  it('is strong without counters', () => {
    const thread = spinner(IN_CALLBACK, { pcSamples: LOOP })
    const found = diagnose(makeProcess({ threads: [thread], locks: [own] }))
    expect(found).toMatchObject({ failure: 'livelock', confidence: 'strong' })
  })

  it("is strong on the watch's word that the thread spins", () => {
    const thread = makeThread({ number: 4, stack: IN_CALLBACK })
    const suspicion = { kind: 'spinning', pid: 9, tids: [12], atMs: 4000, sinceMs: 1000 } as const
    const found = diagnose(makeProcess({ threads: [thread] }), { suspicion })
    expect(found).toMatchObject({ failure: 'livelock', confidence: 'strong' })
  })

  it('names the signal when the handler still runs', () => {
    const thread = spinner(IN_CALLBACK_UNDER_HANDLER, { pcSamples: LOOP, throwsStillMs: 3000 })
    const found = diagnose(
      makeProcess({ threads: [thread], locks: [makeLock({ owner: 12, count: 2 })] }),
    )
    expect(found.culprits[0]?.signal).toEqual({ number: 27, name: 'SIGPROF' })
    expect(found.headline).toContain('inside the handler of SIGPROF')
  })
})

describe('a busy thrower in the same callback', () => {
  it.each([
    ['its throws go on', { pcSamples: LOOP, throwsStillMs: 3 }],
    ['its program counter wanders', { pcSamples: SPREAD }],
    ['there is nothing but its stack', {}],
  ])('is no livelock: %s', (_, observed) => {
    const found = diagnose(
      makeProcess({ threads: [spinner(IN_CALLBACK, observed), victim], locks: [own] }),
    )
    expect(found.failure).not.toBe('livelock')
  })
})
