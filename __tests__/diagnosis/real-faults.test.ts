import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DiagnosisContext } from '../../src/diagnosis/context.js'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import type { Diagnosis } from '../../src/diagnosis/schema.js'
import { parseDump } from '../../src/gdb/dump.js'
import type { StoppedProcess } from '../../src/gdb/types.js'

/**
 * `go-lock`, `go-unlock`: Go 1.15.15 with cgosymbolizer at the original's pin on Debian 11, gdb 10, libc's debug symbols.
 * The others: dumps of `dumps/guarded.cpp` there: both windows of the lock closed, and it still failed in 16 of 16 runs,
 * 14 times in a circle (5 of them after the handler had returned), 2 times in std::terminate.
 */
function readProcess(name: string): StoppedProcess {
  const file = join(import.meta.dirname, 'dumps', `${name}.jsonl`)
  return parseDump(readFileSync(file, 'utf8').split('\n')).process
}

/** As the watch asks for a dump: the throwing thread burnt CPU while its throws stood still. */
function diagnoseSpinning(name: string): Diagnosis {
  const process = readProcess(name)
  const tids = process.threads.flatMap(({ lwp, frames }) =>
    lwp !== null && frames.some((frame) => frame.function === 'throw_for_ever') ? [lwp] : [],
  )
  const suspicion = { kind: 'spinning', pid: 1, tids, atMs: 4000, sinceMs: 1500 } as const
  return diagnose(process, { suspicion })
}

describe('the Go program of the original report', () => {
  it.each([
    ['go-lock', 'lock', "taking the loader's lock to unwind a C++ exception"],
    ['go-unlock', 'unlock', "giving back the loader's lock, unwinding a C++ exception"],
  ])('%s: culprit, signal, window, lock and victim, proven', (name, window, words) => {
    const process = readProcess(name)
    const found = diagnose(process)
    expect(found).toMatchObject({
      class: 'signal-reentrancy',
      failure: 'deadlock',
      confidence: 'proven',
      culprits: [{ signal: { number: 27, name: 'SIGPROF' }, window }],
      lock: { symbol: '_rtld_global._dl_load_write_lock', word: 2, owner: 0 },
    })
    expect(found.headline).toContain(words)
    const stackOf = (lwp: number | null | undefined): (string | null)[] =>
      process.threads.find((thread) => thread.lwp === lwp)?.frames.map((each) => each.function) ??
      []
    expect(stackOf(found.culprits[0]?.lwp)).toContain('x_cgo_callers')
    expect(found.victims).toHaveLength(1)
    expect(stackOf(found.victims[0]?.lwp)).toContain('backtrace_initialize')
  })
})

describe('the circle, after the handler has returned', () => {
  it('is told from its stack and the watch', () => {
    const found = diagnoseSpinning('livelock')
    expect(found).toMatchObject({
      class: 'signal-reentrancy',
      failure: 'livelock',
      confidence: 'strong',
      culprits: [{ signal: null }],
    })
    expect(found.story.map(({ text }) => text).join(' ')).toMatch(
      /That handler has returned.*need not be the one that the signal interrupted/,
    )
  })

  it('is not told from its stack alone: a busy thrower looks the same', () => {
    expect(diagnose(readProcess('livelock')).failure).not.toBe('livelock')
  })
})

describe('the circle, in the handler', () => {
  it('names the signal', () => {
    const found = diagnoseSpinning('livelock-in-handler')
    expect(found).toMatchObject({
      failure: 'livelock',
      culprits: [{ signal: { number: 27, name: 'SIGPROF' } }],
    })
    expect(found.headline).toContain('inside the handler of SIGPROF: the signal arrived')
  })
})

describe('the exception that seems to have no catch', () => {
  const counts = { throws: 574_366, signals: 631, unwinds: 631 }

  it.each<[string, DiagnosisContext, string]>([
    ['with its counters', { counts }, 'signal-reentrancy'],
    ['without', {}, 'crash'],
  ])('%s', (_, context, expected) => {
    const found = diagnose(readProcess('terminate'), context)
    expect(found).toMatchObject({ class: expected, failure: 'terminated', confidence: 'strong' })
    expect(found.also.map((other) => other.class)).not.toContain('idle')
  })
})
