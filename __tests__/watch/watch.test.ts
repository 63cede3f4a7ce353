import { describe, expect, it } from 'vitest'
import type { SamplerEvent } from '../../src/watch/types.js'
import { startWatch, stepWatch, summarizeWatch } from '../../src/watch/watch.js'
import type { WatchEvent, WatchSettings, WatchState } from '../../src/watch/watch.js'
import { readRun, replay } from '../helpers/replay.js'

/** When a thread of the recording stood at its last word: the time to notice counts from there. */
function lastMove(name: string, tid: number): number {
  const moves = readRun(name).flatMap((event) =>
    event.type === 'sampler' &&
    event.event.event === 'tick' &&
    event.event.moved.some(([moved]) => moved === tid)
      ? [event.atMs]
      : [],
  )
  return moves.at(-1)!
}

function namesOf(name: string): Map<string, number> {
  return new Map(
    readRun(name).flatMap((event) =>
      event.type === 'sampler' && event.event.event === 'thread'
        ? [[event.event.name, event.event.tid] as const]
        : [],
    ),
  )
}

function withoutCounters(events: readonly WatchEvent[]): WatchEvent[] {
  return events.filter((event) => event.type !== 'sampler' || event.event.event !== 'counters')
}

describe('a thread that waits for itself in a signal handler', () => {
  it('is suspected within a second of its last move', () => {
    const { requests } = replay(readRun('self-deadlock'))
    const [first] = requests
    expect(first).toMatchObject({ kind: 'stuck' })
    expect(first!.tids).toEqual([first!.pid])
    expect(first!.atMs - lastMove('self-deadlock', first!.pid)).toBeLessThan(1000)
    expect(first!.sinceMs).toBeLessThan(first!.atMs)
  })

  it('ends the run once a dump has confirmed it', () => {
    const { ending, requests, summary } = replay(readRun('self-deadlock'), {}, () => true)
    expect(ending).toEqual({ reason: 'confirmed', atMs: requests[0]!.atMs, suspicion: requests[0] })
    expect(requests).toHaveLength(1)
    expect(summary.moments.map(({ what }) => what)).toEqual([
      'first output',
      expect.stringMatching(/^suspicion: thread \d+ stuck in a wait since 0\.\d s$/),
      'the dump confirmed it',
      'the run ended with the confirmed suspicion',
    ])
  })

  it('is looked at again when a dump did not confirm it, later each time', () => {
    const { requests } = replay(readRun('half-hang'))
    const [first, second] = requests
    expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(1000)
    expect(requests).toHaveLength(2)
  })

  it('is noticed while output goes on, its victim with it, the culprit first', () => {
    const { requests, summary } = replay(readRun('half-hang'), { stallTimeoutMs: 1000 })
    const names = namesOf('half-hang')
    expect(requests[0]!.tids).toEqual([names.get('culprit'), names.get('victim')])
    expect(summary.outputLines).toBeGreaterThan(10)
  })

  it('is found in the real program: deadlock with silence, deadlock with output', () => {
    const silent = replay(readRun('reproducer-deadlock'), {}, () => true)
    expect(silent.ending).toMatchObject({ reason: 'confirmed', suspicion: { kind: 'stuck' } })
    const loud = replay(readRun('reproducer-half-hang'), { stallTimeoutMs: 2500 }, () => true)
    expect(loud.ending).toMatchObject({ reason: 'confirmed', suspicion: { kind: 'stuck' } })
    const { counters, threads } = loud.summary
    expect(counters!.signals).toBe(counters!.unwinds + 1)
    const culprit = threads.find(({ tid }) => loud.requests[0]!.tids.includes(tid))
    expect(culprit).toMatchObject({ futex: { op: 0, value: 2, timed: false }, state: 'S' })
    expect(culprit!.futexFile).toMatch(/ld-2\.31\.so$/)
  })
})

describe('other locks', () => {
  it('suspects two threads that wait for each other together', () => {
    const { requests } = replay(readRun('abba'))
    expect(requests[0]!.tids).toHaveLength(2)
    expect(requests[0]!.atMs - requests[0]!.sinceMs).toBeGreaterThanOrEqual(1000)
  })

  it('looks at a slow owner’s victim rarely', () => {
    const { requests, ending } = replay(readRun('slow-owner'))
    expect(requests.length).toBeGreaterThan(0)
    expect(requests.length).toBeLessThanOrEqual(3)
    expect(ending).toBeNull()
  })

  it.each(['pool-condvar', 'pool-semaphore', 'musl-pool-condvar', 'musl-pool-semaphore'])(
    'looks once, and late, at an idle pool that blocks all signals: %s',
    (name) => {
      const { requests, ending } = replay(readRun(name))
      expect(requests).toHaveLength(1)
      expect(requests[0]!.atMs).toBeGreaterThan(5000)
      expect(ending).toBeNull()
    },
  )
})

describe('a thread that runs and gets nowhere', () => {
  it('is suspected when its throws have stood still for a second and a half', () => {
    const { requests, summary } = replay(readRun('standing-throws'), {}, () => true)
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({ kind: 'spinning' })
    expect(requests[0]!.atMs - requests[0]!.sinceMs).toBeGreaterThanOrEqual(1500)
    expect(requests[0]!.atMs - requests[0]!.sinceMs).toBeLessThan(2500)
    const thread = summary.threads.find(({ tid }) => tid === requests[0]!.tids[0])
    expect(thread!.cpuShare).toBeGreaterThan(0.8)
    expect(thread!.throwsStillMs).toBeGreaterThanOrEqual(1500)
  })

  it('is found in the real program, livelocked in the unwinder', () => {
    const { requests, summary } = replay(readRun('reproducer-livelock'), {}, () => true)
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({ kind: 'spinning' })
    const thread = summary.threads.find(({ tid }) => tid === requests[0]!.tids[0])
    for (const { file } of thread!.pcSamples) expect(file).toMatch(/libgcc_s\.so\.1$/)
    expect(thread!.pcSamples.length).toBeGreaterThan(2)
  })

  it('is found beside its victim, which is looked at first', () => {
    const { requests } = replay(readRun('reproducer-livelock-victim'))
    expect(requests.map(({ kind }) => kind).slice(0, 2)).toEqual(['stuck', 'spinning'])
    expect(requests[0]!.tids).not.toEqual(requests[1]!.tids)
  })

  it('is found without counters by samples that stay in the unwinder', () => {
    const run = withoutCounters(readRun('reproducer-livelock-victim'))
    const { requests } = replay(run)
    const spinning = requests.filter(({ kind }) => kind === 'spinning')
    expect(spinning.length).toBeGreaterThan(0)
    expect(spinning.length).toBeLessThanOrEqual(2)
    const firstSample = run.find((event) => event.type === 'sampler' && event.event.event === 'pc')
    expect(spinning[0]!.atMs - firstSample!.atMs).toBeLessThan(1500)
  })

  it('is not one whose throws go on', () => {
    expect(replay(readRun('healthy-throws')).requests).toEqual([])
  })

  it('is looked at rarely when it is a hot loop of a healthy program', () => {
    const { requests } = replay(readRun('busy-loop'))
    expect(requests.length).toBeGreaterThan(0)
    expect(requests.length).toBeLessThanOrEqual(2)
  })

  it('is suspected at once when it reached std::terminate', () => {
    const { requests, ending } = replay(readRun('terminated'), {}, () => true)
    expect(requests).toHaveLength(1)
    expect(requests[0]!.kind).toBe('terminated')
    expect(ending).toMatchObject({ reason: 'confirmed' })
  })
})

describe('a clean run', () => {
  it('asks for nothing, ends with its duration and sums the counters', () => {
    const { requests, ending, summary } = replay(readRun('reproducer-clean'), {
      durationMs: 6000,
      stallTimeoutMs: 3000,
    })
    expect(requests).toEqual([])
    expect(ending).toMatchObject({ reason: 'duration' })
    expect(ending!.atMs).toBeLessThan(6300)
    expect(summary.counters!.throws).toBeGreaterThan(1_000_000)
    expect(summary.counters!.unwinds).toBeGreaterThan(100)
    expect(summary.seconds).toBeCloseTo(ending!.atMs / 1000)
  })
})

it('does not let an idle pool prolong the run', () => {
  const { ending } = replay(readRun('pool-condvar'), { durationMs: 3000 })
  expect(ending).toMatchObject({ reason: 'duration' })
  expect(ending!.atMs).toBeLessThan(3150)
})

describe('time that gdb takes', () => {
  function held(name: string): { fromMs: number; toMs: number } {
    const events = readRun(name)
    const at = (type: string): number => events.find((event) => event.type === type)!.atMs
    return { fromMs: at('dump-started'), toMs: at('dump-finished') }
  }

  it('is neither silence nor duration', () => {
    const run = readRun('self-deadlock-held')
    const { fromMs, toMs } = held('self-deadlock-held')
    const { summary } = replay(run)
    expect(summary.seconds).toBeCloseTo((run.at(-1)!.atMs - (toMs - fromMs)) / 1000)
  })

  it('is not stillness, but a thread found at the same place afterwards has not moved', () => {
    const { fromMs, toMs } = held('self-deadlock-held')
    const { requests } = replay(readRun('self-deadlock-held'), { suspicionMs: 3000 })
    expect(requests[0]!.sinceMs).toBeLessThan(fromMs)
    expect(requests[0]!.atMs).toBeGreaterThan(toMs)
    expect(requests[0]!.atMs - requests[0]!.sinceMs).toBeGreaterThanOrEqual(toMs - fromMs + 1500)
  })

  it('wakes no suspicion against a pool that was looked at', () => {
    const { fromMs } = held('pool-condvar-held')
    const { requests } = replay(readRun('pool-condvar-held'))
    expect(requests).toHaveLength(1)
    expect(requests[0]!.atMs).toBeLessThan(fromMs)
  })
})

describe('the watch by hand', () => {
  const SETTINGS = { durationMs: 10_000, stallTimeoutMs: 3000 }
  const CULPRIT: SamplerEvent = {
    event: 'still',
    t: 300,
    pid: 7,
    tid: 9,
    state: 'S',
    syscall: 202,
    futex: { address: '0x7f0000000010', op: 0, value: 2, timed: false },
    pc: '0x7f0000000100',
    sp: '0x7ffc00000000',
    blocked: '0xfffffffe7ffbfeff',
    pcFile: '/lib/libc.so.6',
    futexFile: null,
  }

  function begin(settings: Partial<WatchSettings> = {}): WatchState {
    const state = startWatch({ ...SETTINGS, ...settings })
    tell(state, { event: 'hello', t: 0, version: 1, interval: 100 })
    const process = { pid: 7, ppid: 1, name: 'p', exe: '/p', uid: 0, counters: false }
    tell(state, { event: 'process', t: 1, ...process })
    tell(state, { event: 'thread', t: 1, pid: 7, tid: 9, name: 'p' })
    return state
  }

  function tell(state: WatchState, event: SamplerEvent, atMs = event.t) {
    return stepWatch(state, { atMs, type: 'sampler', event })
  }

  function tick(state: WatchState, t: number, moved: [number, number, number, number][] = []) {
    return tell(state, { event: 'tick', t, pid: 7, threads: 1, moved })
  }

  function clock(state: WatchState, atMs: number) {
    return stepWatch(state, { atMs, type: 'clock' })
  }

  it('ends with silence, from the start or from the last output', () => {
    expect(clock(begin(), 3000).ending).toEqual({ reason: 'silent', atMs: 3000, silentMs: 3000 })
    const state = begin()
    stepWatch(state, { atMs: 2000, type: 'output', bytes: 5, lines: 1 })
    expect(clock(state, 4999).ending).toBeNull()
    expect(clock(state, 5000).ending).toEqual({ reason: 'silent', atMs: 5000, silentMs: 3000 })
  })

  it('never ends with silence when told not to', () => {
    expect(clock(begin({ stallTimeoutMs: 0 }), 9999).ending).toBeNull()
  })

  it('ends with exit, cancel and duration, and says so once', () => {
    const exited = { type: 'exited', code: null, signal: 'SIGSEGV', oomKilled: false } as const
    const state = begin()
    expect(stepWatch(state, { atMs: 5, ...exited }).ending).toMatchObject({ signal: 'SIGSEGV' })
    expect(stepWatch(state, { atMs: 6, type: 'cancelled' }).ending).toBeNull()
    expect(stepWatch(begin(), { atMs: 6, type: 'cancelled' }).ending?.reason).toBe('cancelled')
    const whole = begin({ stallTimeoutMs: 0 })
    tick(whole, 9900)
    expect(clock(whole, 10_000).ending?.reason).toBe('duration')
  })

  it('does not end well while the sampler is silent, and is lost when it stays so', () => {
    const state = begin({ stallTimeoutMs: 0 })
    tick(state, 7900)
    expect(clock(state, 10_000).ending).toBeNull()
    expect(tick(state, 10_500).ending?.reason).toBe('duration')
    const stopped = begin({ stallTimeoutMs: 0 })
    tick(stopped, 7900)
    expect(clock(stopped, 22_800).ending).toBeNull()
    expect(clock(stopped, 22_900).ending).toMatchObject({
      reason: 'lost',
      detail: 'the sampler told nothing for 15 s',
    })
    const restarted = begin({ stallTimeoutMs: 0 })
    stepWatch(restarted, { atMs: 500, type: 'sampler-lost', detail: 'killed' })
    tick(restarted, 7900)
    expect(clock(restarted, 22_900).ending?.reason).toBe('lost')
  })

  it('goes on past its duration until it was watched long enough for a suspicion', () => {
    const state = startWatch({ ...SETTINGS, durationMs: 1000, stallTimeoutMs: 0 })
    expect(clock(state, 1700).ending).toBeNull()
    tell(state, { event: 'hello', t: 0, version: 1, interval: 100 }, 1800)
    tell(state, tickAt(900), 2700)
    expect(clock(state, 2799).ending).toBeNull()
    expect(clock(state, 2800).ending?.reason).toBe('duration')
  })

  it('goes on past its duration, a little, while a question is open', () => {
    const state = begin({ durationMs: 1000 })
    tick(state, 900, [[9, 1, 0, 1]])
    tell(state, { ...CULPRIT, t: 950 })
    expect(clock(state, 1000).ending).toBeNull()
    expect(tick(state, 1400).request).toMatchObject({ kind: 'stuck', tids: [9] })
    const done: WatchEvent = { atMs: 1450, type: 'dump-finished', confirmed: true }
    expect(stepWatch(state, done).ending?.reason).toBe('confirmed')
    const bounded = begin({ durationMs: 1000 })
    tick(bounded, 900, [[9, 1, 0, 1]])
    tell(bounded, { ...CULPRIT, t: 950 })
    expect(clock(bounded, 2999).ending).toBeNull()
    expect(clock(bounded, 3000).ending?.reason).toBe('silent')
  })

  it('waits for a dump that was asked for at the last moment', () => {
    const state = begin({ durationMs: 1000 })
    const told = { tid: 9, throws: 5, signals: 4, unwinds: 3, exposures: 2 }
    const counters: SamplerEvent = {
      event: 'counters',
      t: 990,
      pid: 7,
      threads: [told],
      terminated: 9,
    }
    expect(tell(state, counters).request).toMatchObject({ kind: 'terminated', tids: [9] })
    expect(clock(state, 1000).ending).toBeNull()
  })

  it('does not rest after a fruitless dump when its time is over', () => {
    const state = begin({ durationMs: 3000, stallTimeoutMs: 0 })
    tick(state, 200, [[9, 1, 0, 1]])
    tell(state, CULPRIT)
    expect(tick(state, 800).request).not.toBeNull()
    stepWatch(state, { atMs: 800, type: 'dump-started' })
    stepWatch(state, { atMs: 2000, type: 'dump-finished', confirmed: false })
    tell(state, { event: 'thread', t: 3000, pid: 7, tid: 10, name: 'new' })
    tick(state, 3000, [[10, 1, 0, 1]])
    tell(state, { ...CULPRIT, t: 3200, tid: 10 })
    expect(tick(state, 3900).request).toBeNull()
    expect(tick(state, 4300).request).toMatchObject({ tids: [9, 10] })
  })

  it('measures by the sampler’s clock, as well as its news tell it', () => {
    const state = begin()
    tick(state, 100)
    tell(state, tickAt(1000, [[9, 1, 0, 1]]), 1400)
    tell(state, { ...CULPRIT, t: 1200 }, 1500)
    expect(tell(state, tickAt(1600), 1650).request).toMatchObject({ sinceMs: 1000, atMs: 1650 })
  })

  it('measures by a second sampler’s clock from its start', () => {
    const state = begin({ stallTimeoutMs: 0 })
    tell(state, { event: 'hello', t: 0, version: 1, interval: 100 }, 5000)
    tell(state, { event: 'thread', t: 1, pid: 7, tid: 9, name: 'p' }, 5001)
    tell(state, { ...CULPRIT, t: 201 }, 5201)
    expect(tell(state, tickAt(601), 5601).request).toMatchObject({ sinceMs: 5001 })
  })

  it('shows where a thread stood when a debugger has just let it go', () => {
    const state = begin()
    tick(state, 200, [[9, 1, 0, 1]])
    tell(state, CULPRIT)
    tell(state, { event: 'resumed', t: 900 })
    expect(summarizeWatch(state).threads[0]?.futex).toEqual(CULPRIT.futex)
  })

  it('is not lost while a dump is under way', () => {
    const state = begin()
    stepWatch(state, { atMs: 1000, type: 'dump-started' })
    for (const atMs of [1100, 1200])
      stepWatch(state, { atMs, type: 'sampler-lost', detail: 'killed' })
    expect(clock(state, 8000).ending).toBeNull()
    const done: WatchEvent = { atMs: 8100, type: 'dump-finished', confirmed: false }
    expect(stepWatch(state, done).ending?.reason).toBe('lost')
  })

  it('takes missing news of a thread for no stillness', () => {
    const state = begin()
    tick(state, 200, [[9, 1, 0, 1]])
    tell(state, CULPRIT)
    expect(clock(state, 2000).request).toBeNull()
    expect(tell(state, { event: 'trouble', t: 2100, pid: null, message: 'x' }).request).toBeNull()
  })

  it('is not fooled by news that come late and in a heap', () => {
    const state = begin()
    for (const t of [100, 200, 300]) tell(state, tickAt(t, [[9, t, 0, t]]), 2500)
    expect(tell(state, CULPRIT, 2500).request).toBeNull()
    expect(tell(state, tickAt(400), 2500).request).toBeNull()
  })

  it('asks for one dump at a time, and not again right after one', () => {
    const state = begin({ stallTimeoutMs: 0 })
    tick(state, 200, [[9, 1, 0, 1]])
    tell(state, CULPRIT)
    expect(tick(state, 800).request).not.toBeNull()
    expect(tick(state, 900).request).toBeNull()
    stepWatch(state, { atMs: 900, type: 'dump-started' })
    expect(clock(state, 9000).ending).toBeNull()
    stepWatch(state, { atMs: 3000, type: 'dump-finished', confirmed: false })
    tell(state, { event: 'resumed', t: 3000 })
    tell(state, { event: 'thread', t: 3100, pid: 7, tid: 10, name: 'new' })
    tick(state, 3100, [[10, 1, 0, 1]])
    tell(state, { ...CULPRIT, t: 3300, tid: 10 })
    expect(tick(state, 9000).request).toBeNull()
    expect(tick(state, 3000 + 4 * 2100).request).toMatchObject({ tids: [10] })
  })

  it('looks at a new thread sooner than at the same one', () => {
    const state = begin({ stallTimeoutMs: 0 })
    tick(state, 200, [[9, 1, 0, 1]])
    tell(state, { ...CULPRIT, blocked: '0x0' })
    expect(tick(state, 1200).request).toMatchObject({ tids: [9] })
    stepWatch(state, { atMs: 1200, type: 'dump-finished', confirmed: false })
    tell(state, { event: 'thread', t: 1300, pid: 7, tid: 10, name: 'new' })
    tick(state, 1300, [[10, 1, 0, 1]])
    tell(state, { ...CULPRIT, t: 1500, tid: 10 })
    expect(tick(state, 2250).request).toMatchObject({ tids: [10, 9] })
  })

  it('tells a thread that moves a little from one that is there and no more', () => {
    const state = begin()
    tick(state, 100, [[9, 0, 0, 1]])
    expect(summarizeWatch(state).threads[0]).toMatchObject({ cpuMs: 0, ran: false })
    tick(state, 200)
    tick(state, 300, [[9, 0, 0, 2]])
    expect(summarizeWatch(state).threads[0]).toMatchObject({ cpuMs: 0, ran: true })
  })

  it('counts a thread that waits for a core as busy', () => {
    const state = begin()
    for (let t = 100; t <= 1500; t += 100) tick(state, t, [[9, t / 4, (t / 4) * 3, t]])
    expect(summarizeWatch(state).threads[0]).toMatchObject({ cpuShare: 1, cpuMs: 375 })
  })

  it('does not take a thread that gets no core for one that gets nowhere', () => {
    const told = { tid: 9, throws: 5, signals: 4, unwinds: 3, exposures: 2 }
    function countRequests(share: number): number {
      const state = begin({ stallTimeoutMs: 0 })
      let requests = 0
      for (let t = 100; t <= 4000; t += 100) {
        const ran = Math.round(share * t)
        const steps = [
          tick(state, t, [[9, ran, t - ran, t]]),
          tell(state, { event: 'counters', t, pid: 7, threads: [told], terminated: 0 }),
        ]
        requests += steps.filter(({ request }) => request !== null).length
      }
      return requests
    }
    expect(countRequests(0.05)).toBe(0)
    expect(countRequests(0.25)).toBe(1)
  })

  it('forgives one lost sampler that comes back, not two, and not one that stays away', () => {
    const lost = (atMs: number): WatchEvent => ({ atMs, type: 'sampler-lost', detail: 'killed' })
    const calm = { stallTimeoutMs: 0, durationMs: 60_000 }
    const state = begin(calm)
    stepWatch(state, lost(1000))
    tell(state, { event: 'hello', t: 0, version: 1, interval: 100 }, 1500)
    tell(state, tickAt(38_400), 39_900)
    expect(clock(state, 40_000).ending).toBeNull()
    stepWatch(state, lost(41_000))
    expect(clock(state, 42_000).ending).toBeNull()
    expect(clock(state, 43_000).ending).toMatchObject({ reason: 'lost', detail: 'killed' })
    const away = begin(calm)
    stepWatch(away, lost(1000))
    expect(clock(away, 16_000).ending?.reason).toBe('lost')
  })

  it('lets the target’s exit explain the loss of the sampler', () => {
    const state = begin()
    stepWatch(state, { atMs: 1000, type: 'sampler-lost', detail: 'killed' })
    stepWatch(state, { atMs: 1100, type: 'sampler-lost', detail: 'killed' })
    const exited = { type: 'exited', code: 2, signal: null, oomKilled: false } as const
    expect(stepWatch(state, { atMs: 1500, ...exited }).ending).toMatchObject({ code: 2 })
  })

  it('starts over with a new sampler without counting anything twice', () => {
    const state = begin()
    const counters = { tid: 9, throws: 5, signals: 4, unwinds: 3, exposures: 2 }
    tell(state, { event: 'counters', t: 100, pid: 7, threads: [counters], terminated: 0 })
    tell(state, { event: 'hello', t: 0, version: 1, interval: 100 }, 1500)
    expect(summarizeWatch(state).threads).toEqual([])
    expect(summarizeWatch(state).counters).toEqual({
      throws: 5,
      signals: 4,
      unwinds: 3,
      exposures: 2,
    })
    const process = { pid: 7, ppid: 1, name: 'p', exe: '/p', uid: 0, counters: true }
    tell(state, { event: 'process', t: 1, ...process }, 1501)
    tell(
      state,
      { event: 'counters', t: 2, pid: 7, threads: [{ ...counters, throws: 6 }], terminated: 0 },
      1502,
    )
    tell(state, { event: 'process-end', t: 3, pid: 7 }, 1503)
    expect(summarizeWatch(state).counters).toMatchObject({ throws: 6 })
  })

  it('does not count a forked child’s copy of its parent’s counters', () => {
    const state = begin()
    const counters = { tid: 9, throws: 5, signals: 4, unwinds: 3, exposures: 2 }
    tell(state, { event: 'counters', t: 100, pid: 7, threads: [counters], terminated: 0 })
    const process = { pid: 8, ppid: 7, name: 'p', exe: '/p', uid: 0, counters: true }
    tell(state, { event: 'process', t: 100, ...process })
    tell(state, { event: 'thread', t: 100, pid: 8, tid: 8, name: 'p' })
    tell(state, { event: 'counters', t: 100, pid: 8, threads: [counters], terminated: 0 })
    expect(summarizeWatch(state).counters).toMatchObject({ throws: 5 })
  })

  it('keeps what could not be read, once', () => {
    const state = begin()
    for (const t of [1, 2]) tell(state, { event: 'trouble', t, pid: 7, message: 'refused' })
    expect(summarizeWatch(state).troubles).toEqual(['refused'])
  })

  function tickAt(t: number, moved: [number, number, number, number][] = []): SamplerEvent {
    return { event: 'tick', t, pid: 7, threads: 1, moved }
  }
})
