import { describe, expect, it } from 'vitest'
import {
  findMapping,
  parseMaps,
  parseSchedstat,
  parseStat,
  parseStatus,
  parseSyscall,
} from '../../src/host/proc-text.js'

describe('parseSchedstat', () => {
  it('reads CPU time, waiting time and switches', () => {
    expect(parseSchedstat('86394118 1236731 42\n')).toEqual({
      runNs: 86_394_118,
      waitNs: 1_236_731,
      switches: 42,
    })
  })

  it.each(['', 'x', '1 2', '1 2 3 4'])('is null for %j', (text) => {
    expect(parseSchedstat(text)).toBeNull()
  })
})

describe('parseStat', () => {
  const rest = '4711 1 1 0 -1 4194304 99 0 0 0 120 30 0 0 20 0 1 0 5 6 7'
  it.each(['plain', 'a) S 9 (b', 'two\nlines', ''])('reads behind the name %j', (name) => {
    expect(parseStat(`42 (${name}) R ${rest}\n`)).toEqual({ state: 'R', ppid: 4711, ticks: 150 })
  })

  it.each(['', '42 (name)', '42 (name) S x'])('is null for %j', (text) => {
    expect(parseStat(text)).toBeNull()
  })
})

describe('parseStatus', () => {
  const text = [
    'Name:\ta\\nb\\\\c',
    'State:\tt (tracing stop)',
    'TracerPid:\t12',
    'Uid:\t1000\t0\t0\t0',
    'SigBlk:\tfffffffe7ffbfeff',
    'voluntary_ctxt_switches:\t3',
    'nonvoluntary_ctxt_switches:\t4',
  ].join('\n')

  it('reads name, state, user, tracer, blocked signals and switches', () => {
    expect(parseStatus(text)).toEqual({
      name: 'a\nb\\c',
      state: 't',
      uid: 1000,
      tracer: 12,
      blocked: '0xfffffffe7ffbfeff',
      switches: 7,
    })
  })

  it('says what is not told', () => {
    expect(parseStatus('')).toMatchObject({ state: '?', uid: -1, tracer: 0, blocked: null })
    expect(parseStatus('Uid:\t0\t0\t0\t0')).toMatchObject({ uid: 0 })
  })
})

describe('parseSyscall', () => {
  it('reads a futex wait: its flags are removed, a timeout is noted', () => {
    const text = '202 0x7ffd10 0x80 0x2 0x0 0x0 0x0 0x7ffc00 0x7f12\n'
    expect(parseSyscall(text, 'x64')).toEqual({
      syscall: 202,
      futex: { address: '0x7ffd10', op: 0, value: 2, timed: false },
      pc: '0x7f12',
      sp: '0x7ffc00',
    })
    const timed = '98 0x7ffd10 0x189 0xffffffff80000002 0x7ff 0x0 0xffffffff 0x1 0x2'
    expect(parseSyscall(timed, 'arm64').futex).toEqual({
      address: '0x7ffd10',
      op: 9,
      value: 0x80000002,
      timed: true,
    })
  })

  it.each([
    ['running\n', { syscall: null, futex: null, pc: null, sp: null }],
    ['', { syscall: null, futex: null, pc: null, sp: null }],
    ['-1 0x7ffc00 0x7f12', { syscall: null, futex: null, pc: '0x7f12', sp: '0x7ffc00' }],
    ['0 0x3 0x1 0x1 0x0 0x0 0x0 0x7ffc00 0x7f12', { syscall: 0, futex: null }],
    ['202 0x10 0x81 0x1 0x0 0x0 0x0 0x1 0x2', { syscall: 202, futex: null }],
  ])('reads %j', (text, wanted) => {
    expect(parseSyscall(text, 'x64')).toMatchObject(wanted)
  })

  it('knows no futex on an architecture that it does not know', () => {
    expect(parseSyscall('202 0x10 0x80 0x2 0x0 0x0 0x0 0x1 0x2', 'mips').futex).toBeNull()
  })
})

describe('maps', () => {
  const maps = parseMaps(
    [
      '1000-2000 r-xp 00000000 fe:00 12   /opt/a b/program',
      '2000-3000 rw-p 00003000 fe:00 12   /opt/a b/program',
      '5000-6000 rw-p 00000000 00:00 0 ',
      '7ffd0000-7ffe0000 rw-p 00000000 00:00 0    [stack]',
      'no line of maps',
    ].join('\n'),
  )

  it.each([
    ['0x1000', '/opt/a b/program'],
    ['0x2fff', '/opt/a b/program'],
    ['0x5000', null],
    ['0x7ffd0001', '[stack]'],
  ])('finds what lies at %s', (address, file) => {
    expect(findMapping(maps, address)?.file).toBe(file)
  })

  it.each(['0x0', '0xfff', '0x3000', '0x6000', '0x7ffe0000'])('finds nothing at %s', (address) => {
    expect(findMapping(maps, address)).toBeNull()
  })

  it('keeps the offset in the file', () => {
    expect(findMapping(maps, '0x2010')).toMatchObject({ from: 0x2000n, offset: 0x3000n })
  })
})
