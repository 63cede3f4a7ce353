import { describe, expect, it } from 'vitest'
import { frameLine, framesThatMatter, threadOf } from '../../src/report/frames.js'
import { groupThreads } from '../../src/report/thread-groups.js'
import { makeDiagnosis, makeProcess } from '../helpers/result.js'

const diagnosis = makeDiagnosis()
const [culprit] = diagnosis.culprits
const [victim] = diagnosis.victims

describe('framesThatMatter', () => {
  it('keeps frames with a part, two on each side, and the outermost', () => {
    const frames = framesThatMatter(culprit!, makeProcess())
    expect(frames.map((frame) => frame.level)).toEqual([0, 1, 2, 6, 7, 8, 9, 10, 11, 18])
    expect(frames.filter((frame) => frame.role !== null).map((frame) => frame.role)).toEqual([
      'waiting',
      'signal',
      'interrupted',
    ])
    expect(frames.filter((frame) => frame.skipped > 0).map((frame) => frame.skipped)).toEqual([
      3, 6,
    ])
  })

  it('falls back on the frames that the diagnosis names', () => {
    expect(framesThatMatter(culprit!, null).map((frame) => [frame.role, frame.skipped])).toEqual([
      ['waiting', 0],
      ['interrupted', 8],
    ])
    expect(framesThatMatter({ ...victim!, waiting: null }, null)).toEqual([])
  })

  it('finds the thread by its LWP, then by its number', () => {
    const process = makeProcess()
    expect(threadOf(culprit!, process)?.number).toBe(5)
    expect(threadOf({ ...culprit!, thread: 4 }, process)?.number).toBe(5)
    expect(threadOf({ ...culprit!, lwp: null, thread: 4 }, process)?.lwp).toBe(11)
    expect(threadOf({ ...culprit!, lwp: null, thread: null }, process)).toBeNull()
  })

  it('writes a frame as one line', () => {
    const [first] = framesThatMatter(culprit!, makeProcess())
    expect(frameLine(first!)).toBe('#0  __lll_lock_wait at lowlevellock.c:52')
  })
})

describe('groupThreads', () => {
  it('groups identical stacks: culprit, victim, then by size', () => {
    const groups = groupThreads(makeProcess(2000), diagnosis)
    expect(groups.slice(0, 3).map((group) => [group.role, group.threads.length])).toEqual([
      ['culprit', 1],
      ['victim', 1],
      [null, 1798],
    ])
    expect(groups.length).toBeLessThan(10)
    const total = groups.reduce((sum, group) => sum + group.threads.length, 0)
    expect(total).toBe(2000)
  })

  it('keeps a culprit apart from others with the same stack', () => {
    const process = makeProcess()
    const [first, ...others] = process.threads
    const twin = { ...first!, lwp: 99, number: 99 }
    const groups = groupThreads({ ...process, threads: [first!, twin, ...others] }, diagnosis)
    expect(groups[0]?.threads.map((thread) => thread.lwp)).toEqual([12])
  })

  it('tells stacks apart by their addresses where there are no names', () => {
    const process = makeProcess()
    const bare = (pc: string): typeof process.threads =>
      process.threads.slice(0, 1).map((thread) => ({
        ...thread,
        frames: [{ ...thread.frames[0]!, function: null, file: null, line: null, pc }],
      }))
    const threads = [...bare('0x1'), ...bare('0x2'), ...bare('0x1')]
    expect(groupThreads({ ...process, threads }, null)).toHaveLength(2)
  })
})
