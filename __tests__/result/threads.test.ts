import { describe, expect, it } from 'vitest'
import { recordThreads } from '../../src/result/threads.js'
import { Threads } from '../../src/result/schema.js'
import type { Span, ThreadHistory } from '../../src/watch/history.js'
import { makeDiagnosis } from '../helpers/result.js'

const WAITS: Span[] = [
  { fromMs: 10, activity: 'running' },
  { fromMs: 400, activity: 'waiting' },
]
const STUCK: Span[] = [
  { fromMs: 10, activity: 'running' },
  { fromMs: 905.4, activity: 'handler' },
]

function thread(tid: number, spans: Span[] = WAITS, pid = 7): ThreadHistory {
  return { pid, tid, name: `worker-${tid}`, spans }
}

function many(count: number, spansOf: (index: number) => Span[]): ThreadHistory[] {
  return Array.from({ length: count }, (_unused, index) => thread(1000 + index, spansOf(index)))
}

const record = (histories: ThreadHistory[], diagnosis = makeDiagnosis()): Threads =>
  Threads.parse(recordThreads({ histories, holds: [], toMs: 2310.2 }, diagnosis))

describe('the record of threads', () => {
  it('has a row each for few threads, the culprit first, then the victim', () => {
    const { rows } = record([thread(7), thread(11), thread(12, STUCK), thread(8)])
    expect(rows.map(({ role, threads }) => [role, threads[0]!.tid])).toEqual([
      ['culprit', 12],
      ['victim', 11],
      [null, 7],
      [null, 8],
    ])
    expect(rows[0]!.spans).toEqual([
      { fromMs: 10, activity: 'running' },
      { fromMs: 905, activity: 'handler' },
    ])
  })

  it('puts those of 2,000 together that did the same, and names a few of them', () => {
    const jitter = (index: number): Span[] => [{ fromMs: index % 17, activity: 'waiting' }]
    const { rows } = record([thread(12, STUCK), ...many(1997, jitter), thread(8), thread(9)])
    expect(rows.map(({ role, count }) => [role, count])).toEqual([
      ['culprit', 1],
      [null, 1997],
      [null, 2],
    ])
    expect(rows[1]!.threads).toHaveLength(12)
    expect(rows[1]!.spans).toEqual([{ fromMs: 0, activity: 'waiting' }])
  })

  it('stays bounded when 5,000 threads all did something else, and counts every one', () => {
    const wild = (index: number): Span[] =>
      Array.from({ length: 48 }, (_unused, turn) => ({
        fromMs: turn * 40 + ((index * 7919 + turn * 104_729) % 40),
        activity: turn % 2 === 0 ? 'running' : 'waiting',
      }))
    const { rows } = record(many(5000, wild))
    expect(rows.length).toBeLessThanOrEqual(24)
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(5000)
    expect(rows.every(({ spans }) => spans.length <= 120)).toBe(true)
  })

  it('keeps hundreds of victims apart from idle threads', () => {
    const waits = many(300, () => WAITS)
    const [party] = makeDiagnosis().victims
    const victims = waits.slice(0, 200).map(({ tid }) => ({ ...party!, lwp: tid }))
    const { rows } = record(waits, makeDiagnosis({ victims }))
    expect(rows.map(({ role, count }) => [role, count])).toEqual([
      ['victim', 200],
      [null, 100],
    ])
  })

  it('takes a thread for a party only in the party’s process', () => {
    const { rows } = record([thread(12, STUCK, 8), thread(12, STUCK, 7)])
    expect(rows.map(({ role, threads }) => [role, threads[0]!.pid])).toEqual([
      ['culprit', 7],
      [null, 8],
    ])
  })

  it('leaves out what came after the end, and closes a hold that lasted', () => {
    const histories = [thread(7), thread(8, [{ fromMs: 3000, activity: 'running' }])]
    const holds = [{ fromMs: 2000.4, toMs: null }]
    const { rows, held } = recordThreads({ histories, holds, toMs: 2310.2 }, null)
    expect(rows.map(({ threads }) => threads[0]!.tid)).toEqual([7])
    expect(held).toEqual([{ fromMs: 2000, toMs: 2310 }])
  })
})
