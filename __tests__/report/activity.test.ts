import { describe, expect, it } from 'vitest'
import { activityRows, type ActivityRow } from '../../src/report/activity.js'
import type { Result, Threads } from '../../src/result/schema.js'
import { makeDiagnosis, makeResult, makeThreads } from '../helpers/result.js'

type Row = Threads['rows'][number]

const rowsIn = ({ threads, diagnosis }: Result): ActivityRow[] => activityRows(threads!, diagnosis)

function rowsOf(rows: readonly Row[], overrides: Partial<Result> = {}): string[] {
  const result = makeResult({ threads: { ...makeThreads(), rows: [...rows] }, ...overrides })
  return rowsIn(result).map(({ sentence }) => sentence)
}

const spans = (...list: (readonly [number, Row['spans'][number]['activity']])[]): Row['spans'] =>
  list.map(([fromMs, activity]) => ({ fromMs, activity }))

const idle: Row = {
  role: null,
  count: 1,
  threads: [{ pid: 7, tid: 9, name: 'worker' }],
  spans: spans([400, 'running'], [600, 'waiting']),
}

describe('the rows of the timeline', () => {
  it('say who ran and waited, from when to when', () => {
    expect(rowsIn(makeResult()).map(({ sentence }) => sentence)).toEqual([
      'culprit thread 5 (LWP 12) "reproducer": ran from 0.420 s, waited for a lock in a signal handler from 0.905 s to the end, 2.310 s',
      'victim thread 4 (LWP 11) "reproducer": ran and waited by turns from 0.400 s, waited for a lock from 1.012 s to the end, 2.310 s',
      '5 threads (LWP 7, 8, 9, 10, 13) "reproducer": waited from 0.400 s to the end, 2.310 s',
    ])
  })

  it('have stretches that follow one another to the end', () => {
    const [culprit] = rowsIn(makeResult())
    expect(culprit!.stretches).toEqual([
      { fromMs: 420, toMs: 905, activity: 'running' },
      { fromMs: 905, toMs: 2310, activity: 'handler' },
    ])
  })

  it('take a culprit’s last wait for one in a handler when the dump showed a signal', () => {
    const wait = spans([400, 'running'], [905, 'lock'])
    const [culprit] = makeThreads().rows
    const endOf = (result: Result): string => rowsIn(result)[0]!.stretches.at(-1)!.activity
    const threads = { ...makeThreads(), rows: [{ ...culprit!, spans: wait }] }
    expect(endOf(makeResult({ threads }))).toBe('handler')
    const [party] = makeDiagnosis().culprits
    const diagnosis = makeDiagnosis({ culprits: [{ ...party!, signal: null }] })
    expect(endOf(makeResult({ threads, diagnosis }))).toBe('lock')
  })

  it('name some of many threads and count the others', () => {
    const threads = [7, 8, 9, 10, 13, 14, 15].map((tid) => ({ pid: 7, tid, name: 'pool' }))
    expect(rowsOf([{ ...idle, count: 1990, threads }])[0]).toMatch(
      /^1,990 threads \(LWP 7, 8, 9, 10, 13, 14 and 1,984 more\) "pool": ran from 0\.400 s/,
    )
  })

  it('tell the beginning and the end of a long history, and that a thread ended', () => {
    const turns = Array.from(
      { length: 20 },
      (_unused, index) => [index * 100, index % 2 === 0 ? 'running' : 'waiting'] as const,
    )
    const [told] = rowsOf([{ ...idle, spans: spans(...turns, [2050, 'ended']) }])
    expect(told).toContain('waited from 0.100 s, 15 more changes, ')
    expect(told).toMatch(/waited from 1\.900 s, ended at 2\.050 s$/)
  })
})
