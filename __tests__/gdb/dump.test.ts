import { describe, expect, it } from 'vitest'
import { parseDump } from '../../src/gdb/dump.js'
import { dumpText } from './dumps.js'

const LINES = dumpText('signal-reentrancy', 'gdb16-bullseye-sidecar.jsonl').split('\n')

describe('parseDump', () => {
  it('tells the thread that waits for itself, the signal, and the interrupted frame at the same lock', () => {
    const { process, looked, complete } = parseDump(LINES)
    expect({ looked, complete }).toEqual({ looked: true, complete: true })
    expect(process).toMatchObject({
      executable: '/src/signal-reentrancy',
      gdb: expect.stringMatching(/^16/) as string,
      unread: [],
    })
    const thrower = process.threads.find(({ name }) => name === 'thrower')
    const at = thrower?.frames.findIndex((frame) => frame.signalFrame) ?? -1
    expect(thrower?.frames[at]?.signal).toEqual({ number: 27, name: 'SIGPROF', code: -2 })
    expect(thrower?.wait).toMatchObject({ kind: 'loader', timed: false })
    expect(thrower?.frames[at + 1]).toMatchObject({
      function: 'pthread_mutex_lock',
      lock: thrower?.wait?.address,
    })
    const lock = process.locks.find(({ address }) => address === thrower?.wait?.address)
    expect(lock).toMatchObject({
      symbol: '_rtld_global+2352',
      library: '/lib/x86_64-linux-gnu/ld-2.31.so',
      kind: 'recursive mutex',
      role: 'loader-write-lock',
      word: 2,
      owner: 0,
      count: 0,
      users: 0,
      guessed: false,
    })
    expect(thrower?.registers?.['rdi']).toBe(lock?.address)
  })

  it('gives every frame its address and file, also those that gdb prints without', () => {
    const { process } = parseDump(LINES)
    const frames = process.threads
      .flatMap((thread) => thread.frames)
      .filter((frame) => !frame.signalFrame)
    expect(frames.every((frame) => frame.pc !== null && frame.library !== null)).toBe(true)
    expect(frames.find((frame) => frame.function === 'main')?.library).toBe(
      '/src/signal-reentrancy',
    )
  })

  it('keeps the text of each part for people', () => {
    const { texts } = parseDump([
      ...LINES,
      '{"section":"user","command":"p x","text":"","error":"No symbol"}',
    ])
    expect(texts.threads).toMatch(/LWP \d+ "thrower"/)
    expect(texts.threadsFull).toContain('No symbol table info available.')
    expect(texts.libraries).toContain('libpthread')
    expect(texts.registers).toMatch(/^rdi +0x/m)
    expect(texts.user).toBe('(gdb) p x\nNo symbol\n')
  })

  it('reads what there is of a dump that was cut off anywhere', () => {
    const all = LINES.join('\n')
    for (let length = 0; length < all.length; length += 997) {
      const { process, complete } = parseDump(all.slice(0, length).split('\n'))
      expect(complete).toBe(false)
      expect(process.threads.length).toBeLessThanOrEqual(3)
    }
    const upToLocks = LINES.slice(
      0,
      LINES.findIndex((line) => line.includes('"section":"looked"')) + 1,
    )
    expect(parseDump(upToLocks)).toMatchObject({ looked: true, complete: false })
    expect(parseDump(upToLocks).process.locks).toHaveLength(2)
  })

  it('says what gdb could not do and what is not of the protocol', () => {
    const { process, looked } = parseDump([
      '{"section":"gdb","version":"16.3"}',
      '{"section":"trouble","message":"attach: ptrace: Operation not permitted."}',
      'warning: something',
      '{"section":"end","ms":3}',
    ])
    expect(looked).toBe(false)
    expect(process.threads).toEqual([])
    expect(process.unread).toEqual([
      'attach: ptrace: Operation not permitted.',
      '1 lines of the dump are not of its protocol or were cut off',
    ])
  })

  it('translates ids of another pid namespace', () => {
    const outer = LINES.map((line) =>
      line.replace(
        /("lwp":)(\d+),"tid":null/,
        (_all, key: string, tid: string) => `${key}${90000 + Number(tid)},"tid":${tid}`,
      ),
    )
    const { process } = parseDump(outer)
    const thrower = process.threads.find(({ name }) => name === 'thrower')
    expect(thrower?.lwp).toBeGreaterThan(90000)
    expect(process.threads.find(({ wait }) => wait?.kind === 'join')?.wait?.lwp).toBe(thrower?.lwp)
  })
})
