import { describe, expect, it } from 'vitest'
import { parseDump } from '../../src/gdb/dump.js'
import type { Lock, StoppedProcess } from '../../src/gdb/types.js'
import { dumpNames, dumpText, readDump } from './dumps.js'

/** Of each program, what its threads wait for; `runs` for none. The list may be longer where a signal ends a timed wait. */
const WAITS: Readonly<Record<string, readonly string[]>> = {
  'signal-reentrancy': ['join', 'loader', 'loader'],
  'signal-unlock': ['join', 'loader', 'loader'],
  'self-deadlock': ['mutex'],
  'lock-cycle': ['join', 'mutex', 'mutex', 'mutex'],
  'mixed-cycle': ['join', 'join', 'mutex', 'rwlock-read'],
  'rwlock-upgrade': ['join', 'rwlock-write', 'rwlock-write'],
  'idle-pool': ['condvar', 'condvar', 'condvar', 'condvar', 'sleep'],
  semaphore: ['semaphore'],
  'join-cycle': ['join', 'join', 'join', 'join'],
  'malloc-handler': ['join', 'malloc-arena'],
  'stdio-handler': ['join', 'stdio'],
  'localtime-handler': ['join', 'low-level-lock'],
  'orphaned-lock': ['join', 'mutex', 'mutex'],
  'fork-inherited': ['mutex'],
  'slow-owner': ['io', 'join', 'mutex', 'mutex'],
  busy: ['join', 'mutex', 'runs'],
  'loader-constructor': ['join', 'loader'],
  'loader-cycle': ['join', 'loader', 'mutex'],
  guard: ['join', 'once'],
  kinds: [
    'barrier',
    'condvar',
    'io',
    'mutex',
    'mutex',
    'mutex',
    'mutex',
    'mutex',
    'mutex',
    'poll',
    'sleep',
    'stdio',
  ],
}
const CASES = Object.keys(WAITS)

/** What ended each program, and a function on the stack of the thread that had it. */
const CRASHES: Readonly<Record<string, readonly [string, string]>> = {
  abort: ['SIGABRT', 'check'],
  segfault: ['SIGSEGV', 'pay'],
  'signal-crash': ['SIGSEGV', '_Unwind_RaiseException'],
}

function files(pattern: RegExp, cases: readonly string[] = CASES): [string, string][] {
  return cases.flatMap((name) =>
    dumpNames(name, pattern).map((file): [string, string] => [name, file]),
  )
}

function waits(process: StoppedProcess): string[] {
  return process.threads.map(({ wait }) => wait?.kind ?? 'runs').sort()
}

/** What is left of `all` when each of `some` is taken out once; throws when one is not there. */
function without(all: readonly string[], some: readonly string[]): string[] {
  return some.reduce(
    (left, one) => {
      expect(left).toContain(one)
      return left.toSpliced(left.indexOf(one), 1)
    },
    [...all],
  )
}

/** The lock that the only thread with such a wait waits for. */
function lockOf(process: StoppedProcess, kind: string): Lock | undefined {
  const waiting = process.threads.find(({ wait }) => wait?.kind === kind)
  return process.locks.find(({ address }) => address === waiting?.wait?.address)
}

function lwpsWaitingFor(process: StoppedProcess, kind: string): (number | null)[] {
  return process.threads.filter(({ wait }) => wait?.kind === kind).map(({ lwp }) => lwp)
}

describe.each(files(/\.jsonl$/))('%s/%s', (name, file) => {
  const parsed = parseDump(dumpText(name, file).split('\n'))
  const { process } = parsed

  it('is read to its end, and every thread with what it waits for', () => {
    expect(parsed).toMatchObject({ looked: true, complete: true })
    expect(process.unread).toEqual([])
    without(waits(process), WAITS[name]!)
  })

  it('has frames with addresses down to the end of each stack', () => {
    for (const { frames } of process.threads) {
      expect(frames.length).toBeGreaterThan(1)
      expect(frames.every((frame) => frame.signalFrame || frame.pc !== null)).toBe(true)
      expect(frames.map(({ level }) => level)).toEqual(frames.map((_, index) => index))
    }
  })
})

describe.each(files(/\.txt$/))('%s/%s', (name, file) => {
  it('tells what text alone can tell', () => {
    const process = readDump(name, file)
    expect(process.unread).toEqual([])
    expect(process.threads.length).toBeGreaterThan(0)
    without(waits(process), textWaits(name, file))
  })
})

/**
 * Without symbols a nameless function of libc below `malloc` may wait or work; since glibc 2.34 all that wait are nameless.
 * The robust and priority-inheritance mutexes' own function both takes the lock and waits.
 */
function textWaits(name: string, file: string): readonly string[] {
  if (!file.includes('symbols')) {
    if (!file.includes('bullseye')) return []
    if (/^(?:malloc|stdio|localtime)-handler$/.test(name)) return ['join']
  }
  return name === 'kinds' ? without(WAITS[name]!, ['mutex', 'mutex']) : WAITS[name]!
}

describe('the state of locks in the corpus', () => {
  it.each(files(/\.jsonl$/, ['signal-reentrancy', 'signal-unlock']))(
    '%s/%s: taken, by nobody',
    (name, file) => {
      const lock = lockOf(readDump(name, file), 'loader')
      expect(lock).toMatchObject({
        kind: 'recursive mutex',
        role: 'loader-write-lock',
        word: 2,
        owner: 0,
      })
    },
  )

  it.each(files(/\.jsonl$/, ['signal-reentrancy', 'signal-unlock']))(
    '%s/%s: the interrupted function works on it',
    (name, file) => {
      const process = readDump(name, file)
      const thread = process.threads.find(({ frames }) => frames.some((frame) => frame.signalFrame))
      const at = thread!.frames.findIndex((frame) => frame.signalFrame)
      expect(thread?.frames[at]?.signal).toEqual({ number: 27, name: 'SIGPROF', code: -2 })
      expect(thread?.frames[at + 1]?.lock).toBe(thread?.wait?.address)
      expect(thread?.frames[at + 1]?.function).toMatch(
        name === 'signal-unlock' ? /mutex_unlock/ : /mutex_lock/,
      )
    },
  )

  it.each(files(/\.jsonl$/, ['malloc-handler', 'stdio-handler']))(
    '%s/%s: the interrupted code has it in a register',
    (name, file) => {
      const process = readDump(name, file)
      const thread = process.threads.find(({ frames }) => frames.some((frame) => frame.signalFrame))
      const at = thread!.frames.findIndex((frame) => frame.signalFrame)
      expect(thread?.frames[at]?.signal).toBeUndefined()
      expect(thread?.frames.slice(at).some((frame) => frame.lock === thread.wait?.address)).toBe(
        true,
      )
    },
  )

  it.each(files(/\.jsonl$/, ['self-deadlock']))('%s/%s: its own thread', (name, file) => {
    const process = readDump(name, file)
    expect(lockOf(process, 'mutex')).toMatchObject({
      symbol: 'accounts',
      kind: 'normal mutex',
      owner: process.threads[0]?.lwp,
    })
  })

  it.each(files(/\.jsonl$/, ['orphaned-lock', 'fork-inherited']))(
    '%s/%s: a thread that is not there',
    (name, file) => {
      const process = readDump(name, file)
      const owner = lockOf(process, 'mutex')?.owner
      expect(owner).toBeGreaterThan(0)
      expect(process.threads.map(({ lwp }) => lwp)).not.toContain(owner)
    },
  )

  it.each(files(/\.jsonl$/, ['slow-owner', 'busy']))('%s/%s: a thread that lives', (name, file) => {
    const process = readDump(name, file)
    const owner = process.threads.find(({ lwp }) => lwp === lockOf(process, 'mutex')?.owner)
    expect(owner?.wait?.kind ?? 'runs').toBe(name === 'busy' ? 'runs' : 'io')
  })

  it.each(files(/\.jsonl$/, ['loader-cycle']))('%s/%s: each the other', (name, file) => {
    const process = readDump(name, file)
    expect(lwpsWaitingFor(process, 'loader')).toEqual([lockOf(process, 'mutex')?.owner])
    expect(lwpsWaitingFor(process, 'mutex')).toEqual([lockOf(process, 'loader')?.owner])
    expect(lockOf(process, 'loader')?.role).toBe('loader-write-lock')
  })

  it.each(files(/\.jsonl$/, ['loader-constructor']))(
    '%s/%s: the load lock of the thread in dlopen',
    (name, file) => {
      const process = readDump(name, file)
      expect(lockOf(process, 'loader')).toMatchObject({
        role: 'loader-load-lock',
        owner: lwpsWaitingFor(process, 'join')[0],
      })
    },
  )

  it.each(files(/\.jsonl$/, ['kinds']))(
    '%s/%s: every kind of mutex with its owner',
    (name, file) => {
      const process = readDump(name, file)
      const mutexes = process.locks.filter(({ kind }) => kind.endsWith('mutex'))
      const main = Math.min(...process.threads.map(({ lwp }) => lwp ?? Infinity))
      expect(mutexes.map(({ kind }) => kind).sort()).toEqual([
        'adaptive mutex',
        'error-checking mutex',
        'normal mutex',
        'priority-inheritance normal mutex',
        'recursive mutex',
        'robust normal mutex',
      ])
      expect(mutexes.every(({ owner }) => owner === main)).toBe(true)
      expect(lockOf(process, 'stdio')?.owner).toBe(main)
    },
  )

  it.each(files(/core\.(jsonl|txt)$/, Object.keys(CRASHES)))(
    '%s/%s: the signal and its thread',
    (name, file) => {
      const { signal, threads } = readDump(name, file)
      const [signalName, culprit] = CRASHES[name]!
      expect(signal?.name).toBe(signalName)
      const thread = threads.find(({ lwp }) => lwp === signal?.lwp)
      expect(thread?.frames.map((frame) => frame.function)).toContain(culprit)
      expect(thread?.frames.some((frame) => frame.signalFrame)).toBe(name === 'signal-crash')
    },
  )

  it.each(files(/\.jsonl$/, ['signal-livelock']))(
    '%s/%s: held by the thread that spins in its handler',
    (name, file) => {
      const { threads, locks } = readDump(name, file)
      const spinning = threads.find(
        ({ frames, wait }) => wait === null && frames.some((frame) => frame.signalFrame),
      )
      expect(spinning?.frames.map((frame) => frame.function)).toContain('_Unwind_Find_FDE')
      expect(
        locks.filter(({ role }) => role === 'loader-write-lock').map(({ owner }) => owner),
      ).toEqual([spinning?.lwp])
    },
  )

  it.each(files(/\.(jsonl|txt)$/, ['go-reproducer']))(
    '%s/%s: the thread that Go interrupted in a throw',
    (name, file) => {
      const { threads } = readDump(name, file)
      const loader = threads.filter(({ wait }) => wait?.kind === 'loader')
      const culprit = loader.find(({ frames }) => frames.some((frame) => frame.signalFrame))
      const names = culprit?.frames.map((frame) => frame.function) ?? []
      expect(names).toEqual(
        expect.arrayContaining(['x_cgo_callers', 'dl_iterate_phdr', '__cxa_throw']),
      )
      expect(names.at(-1)).toMatch(/^runtime\.asmcgocall/)
      expect(culprit?.frames.at(-1)?.cut).toMatch(/frames that gdb made up/)
      const others = threads.filter((thread) => !loader.includes(thread))
      expect(
        others.every(({ wait }) => wait === null || ['go-runtime', 'poll'].includes(wait.kind)),
      ).toBe(true)
    },
  )
})
