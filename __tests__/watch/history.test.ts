import { describe, expect, it } from 'vitest'
import { emptyHistory, updateHistory } from '../../src/watch/history.js'
import type { History, ThreadHistory } from '../../src/watch/history.js'
import type { SamplerEvent } from '../../src/watch/types.js'
import { readRun, replay } from '../helpers/replay.js'

const [PID, TID] = [7, 9]
const LIBC = '/usr/lib/x86_64-linux-gnu/libc.so.6'
const EVERY_SIGNAL = '0xfffffffe7ffbfeff'

type Still = Extract<SamplerEvent, { event: 'still' }>

function still(overrides: Partial<Still> = {}): SamplerEvent {
  const place = { syscall: 202, pc: '0x7f00', sp: '0x7fff', pcFile: LIBC, futexFile: null }
  const base = { event: 'still', t: 0, pid: PID, tid: TID, state: 'S', futex: null } as const
  return { ...base, ...place, blocked: '0x0', ...overrides }
}

const lockWait = (blocked: string): SamplerEvent =>
  still({ blocked, futex: { address: '0x5000', op: 0, value: 2, timed: false } })
const begun: SamplerEvent = { event: 'thread', t: 0, pid: PID, tid: TID, name: 'worker' }
const tick = (...tids: number[]): SamplerEvent => ({
  event: 'tick',
  t: 0,
  pid: PID,
  threads: 1,
  moved: tids.map((tid) => [tid, 1, 1, 1]),
})

/** Feeds events, a tick's time apart each. */
function historyOf(...events: (readonly [atMs: number, event: SamplerEvent])[]): History {
  const history = emptyHistory()
  for (const [atMs, event] of events) updateHistory(history, event, atMs)
  return history
}

function spansOf(history: History): [number, string][] {
  const [thread] = [...history.ended, ...history.live.values()]
  return thread!.spans.map(({ fromMs, activity }) => [fromMs, activity])
}

describe('the history of a thread', () => {
  it('begins a wait with the last move, and a move with the tick before it was seen', () => {
    const history = historyOf(
      [0, begun],
      [0, tick(TID)],
      [100, tick(TID)],
      [200, tick()],
      [300, tick()],
      [300, still()],
      [400, tick(TID)],
    )
    expect(spansOf(history)).toEqual([
      [0, 'running'],
      [100, 'waiting'],
      [300, 'running'],
    ])
  })

  it('tells a wait for a lock from idling, and one with every signal blocked from both', () => {
    const ends = (event: SamplerEvent): string =>
      spansOf(historyOf([0, begun], [100, tick(TID)], [300, event])).at(-1)![1]
    expect(ends(still())).toBe('waiting')
    expect(ends(lockWait('0x0'))).toBe('lock')
    expect(ends(lockWait(EVERY_SIGNAL))).toBe('handler')
    expect(ends(still({ blocked: EVERY_SIGNAL }))).toBe('waiting')
    expect(ends(still({ state: 'R' }))).toBe('running')
  })

  it('keeps a thread that has ended, with its process too', () => {
    const alone = historyOf([0, begun], [500, { event: 'thread-end', t: 0, pid: PID, tid: TID }])
    const together = historyOf([0, begun], [500, { event: 'process-end', t: 0, pid: PID }])
    for (const history of [alone, together]) {
      expect(spansOf(history)).toEqual([
        [0, 'running'],
        [500, 'ended'],
      ])
      expect(history.live.size).toBe(0)
    }
  })

  it('goes on when a new sampler names the thread again', () => {
    const history = historyOf(
      [0, begun],
      [100, tick(TID)],
      [300, still()],
      [900, { event: 'hello', t: 0, version: 1, interval: 100 }],
      [900, { ...begun, name: 'renamed' }],
      [1100, still()],
    )
    expect(history.live.get(`${PID} ${TID}`)?.name).toBe('renamed')
    expect(spansOf(history)).toEqual([
      [0, 'running'],
      [100, 'waiting'],
    ])
  })

  it('is bounded: six hours without rest keep the newest spans exact and the older ones together', () => {
    const history = historyOf([0, begun], [0, tick(TID)])
    const sixHoursMs = 6 * 3_600_000
    for (let atMs = 100; atMs < sixHoursMs; atMs += 300) {
      updateHistory(history, still(), atMs)
      updateHistory(history, tick(), atMs)
      updateHistory(history, tick(TID), atMs + 100)
    }
    const spans = spansOf(history)
    expect(spans.length).toBeLessThanOrEqual(48)
    expect(spans[0]![0]).toBe(0)
    expect(spans[0]![1]).toBe('mixed')
    expect(spans.slice(-16).map(([, activity]) => activity)).not.toContain('mixed')
    const times = spans.map(([fromMs]) => fromMs)
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b))
    expect(times.at(-1)).toBeGreaterThan(sixHoursMs - 400)
  })

  it('keeps a long span among short ones', () => {
    const history = historyOf([0, begun], [0, tick(TID)], [0, still()], [3_600_000, tick()])
    for (let atMs = 3_600_000; atMs < 3_700_000; atMs += 300) {
      updateHistory(history, tick(TID), atMs)
      updateHistory(history, still(), atMs + 200)
    }
    expect(spansOf(history)[0]).toEqual([0, 'waiting'])
    expect(spansOf(history)[1]![0]).toBeGreaterThan(3_590_000)
  })

  it('keeps no more than the last five hundred threads that ended', () => {
    const history = emptyHistory()
    for (let tid = 1; tid <= 2000; tid++) {
      updateHistory(history, { event: 'thread', t: 0, pid: PID, tid, name: 'short' }, tid)
      updateHistory(history, { event: 'thread-end', t: 0, pid: PID, tid }, tid + 1)
    }
    expect(history.live.size).toBe(0)
    expect(history.ended).toHaveLength(500)
    expect(history.ended.at(-1)!.tid).toBe(2000)
  })
})

describe('in real runs', () => {
  const last = (thread: ThreadHistory): string => thread.spans.at(-1)!.activity

  it('the culprit of a deadlock stands in a handler to the end, its victim waits for the lock', () => {
    const { summary, requests } = replay(readRun('half-hang'))
    const [culprit, victim] = requests[0]!.tids.map((tid) =>
      summary.history.find((thread) => thread.tid === tid)!,
    )
    expect([last(culprit!), last(victim!)]).toEqual(['handler', 'lock'])
    expect(culprit!.spans.at(-1)!.fromMs).toBe(requests[0]!.sinceMs)
    expect(culprit!.spans.map(({ activity }) => activity)).toEqual([
      'waiting',
      'running',
      'handler',
    ])
  })

  it('threads that throw run all the time, and a pool waits', () => {
    const ends = (name: string): string[] => replay(readRun(name)).summary.history.map(last)
    expect(ends('healthy-throws')).toEqual(['running', 'running'])
    const [main, ...pool] = ends('pool-condvar')
    expect(main).toBe('running')
    expect(pool).toEqual(pool.map(() => 'waiting'))
    expect(pool).toHaveLength(8)
  })

  it('a debugger’s hold ends no wait', () => {
    const { summary, requests } = replay(readRun('self-deadlock-held'))
    const culprit = summary.history.find(({ tid }) => requests[0]!.tids.includes(tid))!
    expect(culprit.spans.map(({ activity }) => activity)).toEqual(['waiting', 'running', 'handler'])
  })
})
