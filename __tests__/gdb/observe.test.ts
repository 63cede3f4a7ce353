import { describe, expect, it } from 'vitest'
import { parseDump } from '../../src/gdb/dump.js'
import { mergeObservations, processFromObservations } from '../../src/gdb/observe.js'
import type { ThreadObservation } from '../../src/watch/types.js'
import { dumpText } from './dumps.js'

const { process } = parseDump(
  dumpText('signal-reentrancy', 'gdb16-bullseye-sidecar.jsonl').split('\n'),
)
const pid = process.pid!

function observe(tid: number, about: Partial<ThreadObservation> = {}): ThreadObservation {
  return {
    pid,
    tid,
    name: 'worker',
    state: 'S',
    futex: { address: '0x00007f12', op: 0, value: 2, timed: false },
    futexFile: '/lib/ld-2.31.so',
    pc: '0x7f0e2b',
    pcFile: '/lib/libpthread-2.31.so',
    blocked: 'fffffffe7ffbfeff',
    stillMs: 1200,
    cpuMs: 40,
    ran: true,
    cpuShare: 0,
    pcSamples: [],
    counters: null,
    throwsStillMs: null,
    ...about,
  }
}

describe('mergeObservations', () => {
  it('puts an observation on its thread and leaves what gdb said', () => {
    const thrower = process.threads.find(({ name }) => name === 'thrower')!
    const merged = mergeObservations(process, [observe(thrower.lwp!)])
    const thread = merged.threads.find(({ lwp }) => lwp === thrower.lwp)
    expect(thread).toEqual({ ...thrower, observed: observe(thrower.lwp!) })
    expect(merged.threads).toHaveLength(process.threads.length)
    expect(merged.unread).toEqual([])
  })

  it('adds a thread that gdb did not see, and says so', () => {
    const merged = mergeObservations(process, [observe(4711)])
    expect(merged.threads.at(-1)).toMatchObject({
      lwp: 4711,
      wait: { kind: 'unknown', address: '0x7f12' },
    })
    expect(merged.locks.at(-1)).toMatchObject({
      address: '0x7f12',
      kind: 'futex word',
      library: '/lib/ld-2.31.so',
      guessed: true,
    })
    expect(merged.unread).toEqual(['1 threads are known by /proc alone'])
  })

  it('leaves threads of other processes out', () => {
    expect(mergeObservations(process, [observe(4711, { pid: pid + 1 })]).threads).toHaveLength(
      process.threads.length,
    )
  })
})

describe('processFromObservations', () => {
  it('makes a process of /proc alone', () => {
    const alone = processFromObservations(
      [observe(7), observe(8, { futex: null, pc: null })],
      'gdb was refused',
    )
    expect(alone).toMatchObject({ pid, unread: ['gdb was refused'], gdb: null })
    expect(alone.threads[0]?.frames).toEqual([
      expect.objectContaining({ level: 0, pc: '0x7f0e2b', library: '/lib/libpthread-2.31.so' }),
    ])
    expect(alone.threads[1]).toMatchObject({ frames: [], wait: null })
    expect(alone.locks).toHaveLength(1)
  })

  it('has nothing to say without observations', () => {
    expect(processFromObservations([], 'gdb is missing')).toMatchObject({
      pid: null,
      threads: [],
      unread: ['gdb is missing'],
    })
  })
})
