import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DiagnosisContext } from '../../src/diagnosis/context.js'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import type { Diagnosis } from '../../src/diagnosis/schema.js'
import { parseDump } from '../../src/gdb/dump.js'
import type { StoppedProcess } from '../../src/gdb/types.js'

/**
 * Dumps of `dumps/guarded.cpp` on Debian 11, gdb 10: both windows of the lock closed, and it still failed in 16 of 16
 * runs, 14 times in a circle (5 of them after the handler had returned), 2 times in std::terminate.
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

describe('the circle, after the handler has returned', () => {
  it('is told from its stack and the watch', () => {
    const found = diagnoseSpinning('livelock')
    expect(found).toMatchObject({
      class: 'signal-reentrancy',
      failure: 'livelock',
      confidence: 'strong',
      culprits: [{ signal: null }],
    })
    expect(found.story.map(({ text }) => text).join(' ')).toContain('has long returned')
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
