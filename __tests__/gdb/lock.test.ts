import { describe, expect, it } from 'vitest'
import { decodeLock, type LockSurroundings } from '../../src/gdb/lock.js'
import type { MemoryWindow } from '../../src/gdb/memory.js'
import type { Lock, Wait } from '../../src/gdb/types.js'
import type { DecodedWait } from '../../src/gdb/wait.js'

const ADDRESS = '0x7f0000001000'
const LOADER = '/lib/x86_64-linux-gnu/ld-2.31.so'

/** Memory with 32-bit words at offsets from the lock's address. */
function windowOf(
  words: Readonly<Record<number, number>>,
  about: Partial<MemoryWindow> = {},
): MemoryWindow {
  const bytes = new Uint8Array(160)
  const view = new DataView(bytes.buffer)
  for (const [offset, word] of Object.entries(words))
    view.setUint32(96 + Number(offset), word >>> 0, true)
  return { address: ADDRESS, start: '0x7f0000000fa0', bytes, symbol: null, library: null, ...about }
}

function waitFor(kind: Wait['kind'], about: Partial<DecodedWait> = {}): DecodedWait {
  const wait: Wait = { kind, address: ADDRESS, timed: false, lwp: null, evidence: '' }
  return { wait, role: null, word: ADDRESS, value: 2, guessed: false, level: 1, ...about }
}

const AROUND: LockSurroundings = { fields: new Map(), lwpOfPointer: new Map(), lwpOfTid: new Map() }

function decode(
  kind: Wait['kind'],
  words: Readonly<Record<number, number>>,
  about: Partial<MemoryWindow> = {},
): Lock {
  return decodeLock(ADDRESS, [waitFor(kind)], windowOf(words, about), AROUND)
}

describe('decodeLock', () => {
  it.each([
    ['normal mutex', 0, 2, 77],
    ['recursive mutex', 1, 2, 77],
    ['error-checking mutex', 2, 2, 77],
    ['adaptive mutex', 3, 2, 77],
    ['robust normal mutex', 16, 0x8000004d, 77],
    ['priority-inheritance normal mutex', 32, 0x8000004d, 77],
  ])('reads a %s', (kind, type, word, owner) => {
    expect(decode('mutex', { 0: word, 4: 1, 8: 77, 12: 1, 16: type })).toMatchObject({
      kind,
      word,
      owner,
      count: 1,
      users: 1,
      guessed: false,
    })
  })

  it('takes the owner of a robust or priority-inheritance mutex from its word when the field is not yet set', () => {
    expect(decode('mutex', { 0: 0x8000004d, 16: 16 }).owner).toBe(77)
  })

  it('does not believe a kind that no mutex has', () => {
    expect(decode('mutex', { 0: 2, 8: 77, 16: 0x41414141 })).toMatchObject({
      kind: 'mutex',
      word: 2,
      owner: null,
      guessed: true,
    })
  })

  it('has nulls for what was not in the dump', () => {
    const window = { ...windowOf({}), start: null, bytes: new Uint8Array() }
    expect(decodeLock(ADDRESS, [waitFor('mutex')], window, AROUND)).toMatchObject({
      word: null,
      owner: null,
    })
    expect(decodeLock(ADDRESS, [waitFor('mutex')], null, AROUND)).toMatchObject({
      word: null,
      owner: null,
    })
  })

  it('reads writer and readers of a rwlock', () => {
    expect(decode('rwlock-write', { 0: 18, 24: 0 })).toMatchObject({
      kind: 'rwlock',
      users: 2,
      owner: 0,
    })
    expect(decode('rwlock-read', { 0: 11, 24: 396 })).toMatchObject({ users: 1, owner: 396 })
  })

  it("finds a stream's owner by its thread descriptor", () => {
    const around = { ...AROUND, lwpOfPointer: new Map([['0x7f1122334455', 12]]) }
    const words = windowOf({ 0: 2, 4: 3, 8: 0x22334455, 12: 0x7f11 })
    expect(decodeLock(ADDRESS, [waitFor('stdio')], words, around)).toMatchObject({
      kind: 'stdio lock',
      owner: 12,
      count: 3,
    })
  })

  it('gives owners as gdb numbers threads, whatever namespace they live in', () => {
    const around = { ...AROUND, lwpOfTid: new Map([[7, 4711]]) }
    expect(decodeLock(ADDRESS, [waitFor('mutex')], windowOf({ 0: 2, 8: 7 }), around).owner).toBe(
      4711,
    )
  })

  it('moves the symbol from the word to the object', () => {
    const word = '0x7f0000001008'
    const window = { ...windowOf({}), address: word, symbol: 'table+8' }
    expect(decodeLock(ADDRESS, [waitFor('rwlock-read', { word })], window, AROUND).symbol).toBe(
      'table',
    )
    expect(
      decodeLock(
        ADDRESS,
        [waitFor('rwlock-read', { word })],
        { ...window, symbol: 'table+48' },
        AROUND,
      ).symbol,
    ).toBe('table+40')
    expect(
      decodeLock(
        ADDRESS,
        [waitFor('rwlock-read', { word })],
        { ...window, symbol: 'other+4' },
        AROUND,
      ).symbol,
    ).toBeNull()
  })

  describe("the loader's locks", () => {
    const recursive = (at: number): Record<number, number> => ({ [at + 16]: 1 })

    it('go by field where debug information has it', () => {
      const around = { ...AROUND, fields: new Map([[ADDRESS, '_rtld_global._dl_load_write_lock']]) }
      expect(decodeLock(ADDRESS, [waitFor('mutex')], windowOf(recursive(0)), around)).toMatchObject(
        {
          role: 'loader-write-lock',
          symbol: '_rtld_global._dl_load_write_lock',
        },
      )
    })

    it('go by the function that takes them', () => {
      const wait = waitFor('loader', { role: 'loader-load-lock' })
      expect(
        decodeLock(ADDRESS, [waitFor('mutex'), wait], windowOf(recursive(0)), AROUND).role,
      ).toBe('loader-load-lock')
    })

    it('go by their place in the row of recursive mutexes inside the loader', () => {
      const inLoader = { library: LOADER, symbol: '_rtld_global+2352' }
      expect(decode('mutex', recursive(0), inLoader).role).toBe('loader-load-lock')
      expect(decode('mutex', { ...recursive(0), ...recursive(-40) }, inLoader).role).toBe(
        'loader-write-lock',
      )
      expect(
        decode('mutex', { ...recursive(0), ...recursive(-40), ...recursive(-80) }, inLoader).role,
      ).toBe('loader-load-lock')
    })

    it('are not seen in any other library', () => {
      expect(
        decode('mutex', { ...recursive(0), ...recursive(-40) }, { library: '/lib/libfoo.so' }).role,
      ).toBeNull()
    })
  })
})
