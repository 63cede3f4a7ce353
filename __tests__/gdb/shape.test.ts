import { describe, expect, it } from 'vitest'
import { parseFrame } from '../../src/gdb/frame.js'
import type { MemoryWindow } from '../../src/gdb/memory.js'
import { nameByShape } from '../../src/gdb/shape.js'
import type { DecodedWait } from '../../src/gdb/wait.js'

const WORD = '0x7f0000001000'
const NAMELESS = [parseFrame('#0  0x1 in ?? () from /lib/x86_64-linux-gnu/libc.so.6')!]

function waiting(value: number): DecodedWait {
  const wait = {
    kind: 'unknown',
    address: WORD,
    timed: false,
    lwp: null,
    evidence: 'FUTEX_WAIT',
  } as const
  return { wait, role: null, word: WORD, value, guessed: false, level: null }
}

function words(...values: number[]): MemoryWindow {
  const bytes = new Uint8Array(4 * values.length)
  values.forEach((value, index) =>
    new DataView(bytes.buffer).setUint32(4 * index, value >>> 0, true),
  )
  return { address: WORD, start: WORD, bytes, symbol: null, library: null }
}

describe('nameByShape', () => {
  it('tells a join by the descriptor that the word lies in', () => {
    const descriptors = [{ address: '0x7f0000000d30', tid: 42 }]
    expect(nameByShape(waiting(42), NAMELESS, null, descriptors)).toMatchObject({
      guessed: false,
      wait: { kind: 'join', lwp: 42 },
    })
    expect(nameByShape(waiting(43), NAMELESS, null, descriptors).wait.kind).toBe('unknown')
    expect(
      nameByShape(waiting(42), NAMELESS, null, [{ address: '0x7f0000001000', tid: 42 }]).wait.kind,
    ).toBe('unknown')
  })

  it('guesses a semaphore and a robust mutex', () => {
    expect(nameByShape(waiting(0), NAMELESS, words(0, 1, 0, 0), [])).toMatchObject({
      guessed: true,
      wait: { kind: 'semaphore' },
    })
    expect(
      nameByShape(waiting(0x8000002a), NAMELESS, words(0x8000002a, 1, 42, 1, 16), []),
    ).toMatchObject({ guessed: true, wait: { kind: 'mutex' } })
  })

  it('leaves everything else as it is', () => {
    const named = [parseFrame('#0  0x1 in my_wait () from /lib/libmine.so')!]
    expect(nameByShape(waiting(0), named, words(0, 1, 0, 0), []).wait.kind).toBe('unknown')
    expect(nameByShape(waiting(0), NAMELESS, words(0, 0, 0, 0), []).wait.kind).toBe('unknown')
    expect(nameByShape(waiting(0), NAMELESS, words(0, 1, 7, 9), []).wait.kind).toBe('unknown')
    expect(nameByShape(waiting(2), NAMELESS, words(2, 0, 0, 0, 16), []).wait.kind).toBe('unknown')
    expect(nameByShape(waiting(0), NAMELESS, null, []).wait.kind).toBe('unknown')
  })
})
