import { describe, expect, it } from 'vitest'
import { recordFamilies } from '../../src/experiment/families.js'
import { orderProcesses } from '../../src/experiment/processes.js'
import { makeObservation } from '../helpers/process.js'

const ON_LOCK = { address: '0x10', op: 0, value: 2, timed: false }
const LIBC = '/lib/x86_64-linux-gnu/libc.so.6'

describe('orderProcesses', () => {
  it('puts a program before the shell that waits for it', () => {
    const shell = makeObservation({ pid: 7, tid: 7 })
    const program = [8, 9, 10].map((tid) => makeObservation({ pid: 8, tid }))
    expect(orderProcesses([shell, ...program])).toEqual([8, 7])
  })

  it('puts a stuck process before all others, however many threads those have', () => {
    const large = [8, 9, 10].map((tid) => makeObservation({ pid: 8, tid }))
    const stuck = makeObservation({ pid: 20, tid: 20, futex: ON_LOCK, pcFile: LIBC })
    const moving = makeObservation({ ...stuck, pid: 30, tid: 30, stillMs: 0 })
    expect(orderProcesses([...large, moving, stuck])).toEqual([20, 8, 30])
  })
})

describe('recordFamilies', () => {
  it('knows the threads of a parent, also those that have ended, and the first parent told', () => {
    const families = recordFamilies()
    const process = { event: 'process', t: 1, name: 'a', exe: null, uid: 0, counters: false }
    const lines = [
      { ...process, pid: 7, ppid: 1 },
      { event: 'thread', t: 1, pid: 7, tid: 7, name: 'a' },
      { event: 'thread', t: 1, pid: 7, tid: 8, name: 'a' },
      { ...process, pid: 9, ppid: 7 },
      { event: 'thread-end', t: 2, pid: 7, tid: 8 },
      { ...process, pid: 9, ppid: 1 },
    ]
    for (const line of lines) families.add(JSON.stringify(line))
    families.add('{"event":"process", cut')
    expect(families.parentLwps(9)).toEqual([7, 8])
    expect(families.parentLwps(7)).toEqual([])
    expect(families.parentLwps(99)).toEqual([])
  })
})
