import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import type { Diagnosis } from '../../src/diagnosis/schema.js'
import { parseDump } from '../../src/gdb/dump.js'
import { parseGdbText } from '../../src/gdb/text.js'

const REPRODUCER = join(import.meta.dirname, '../fixtures/dumps/go-reproducer')
const POSTED = join(import.meta.dirname, '../fixtures/posted')

function explain(name: string): Diagnosis {
  return diagnose(parseGdbText(readFileSync(join(POSTED, `${name}.txt`), 'utf8')))
}

/** Dumps as people post them: what is wrong, and who did it (threads by gdb's number, else by LWP). */
describe('a posted dump', () => {
  it.each<[string, Diagnosis['class'], Diagnosis['failure'], number[]]>([
    ['mail-named-mutexes', 'lock-cycle', 'deadlock', [3, 2]],
    ['systemd-coredump', 'lock-wait', 'deadlock', [4401]],
    ['kde-crash', 'crash', 'crash', [1]],
    ['pstack-32-bit', 'lock-wait', 'deadlock', [2]],
    ['arm-handler', 'signal-reentrancy', 'deadlock', [2]],
    ['gdb7-printed-mutexes', 'lock-cycle', 'deadlock', [2, 1]],
    ['rust-mutexes', 'lock-cycle', 'deadlock', [2, 3]],
    ['two-mutexes', 'lock-cycle', 'deadlock', [3, 2]],
    ['malloc-in-handler', 'signal-reentrancy', 'deadlock', [1]],
    ['free-in-handler-without-symbols', 'signal-reentrancy', 'deadlock', [1]],
    ['localtime-in-handler', 'signal-reentrancy', 'deadlock', [1]],
    ['spinlock-in-handler', 'signal-reentrancy', 'deadlock', [1]],
    ['profiler-without-symbols', 'signal-reentrancy', 'deadlock', [1]],
    ['self-deadlock', 'self-deadlock', 'deadlock', [1]],
    ['rwlock-and-mutex', 'lock-cycle', 'deadlock', [2, 1]],
    ['abort', 'crash', 'crash', [1]],
    ['crash-handler', 'crash', 'crash', [1]],
  ])('%s: %s', (name, kind, failure, culprits) => {
    const found = explain(name)
    expect(found).toMatchObject({ class: kind, failure })
    expect(found.culprits.map(({ thread, lwp }) => thread ?? lwp)).toEqual(culprits)
  })

  it.each([
    'java-pool',
    'rust-pool',
    'cxx20-pool',
    'openmp-pool',
    'glib-pool',
    'go-parked',
    'python-lock',
    'pool-without-symbols',
  ])('%s: idle, whatever its threads sleep in', (name) => {
    expect(explain(name)).toMatchObject({ class: 'idle', failure: 'none', culprits: [] })
  })

  it('names the code that crashed, not what reported it', () => {
    expect(explain('kde-crash').headline).toContain('QObject::disconnect')
    expect(explain('crash-handler').headline).toContain('SIGSEGV in Foo::bar')
    expect(explain('abort').headline).toContain('abort in Foo::~Foo')
  })

  it('claims nothing of threads that a cut-off dump does not show', () => {
    expect(explain('cut-off')).toMatchObject({
      ...{ class: 'lock-wait', failure: 'unknown', confidence: 'weak' },
    })
  })

  it('explains the form of the original report: glibc 2.28, no owner, two stuck threads', () => {
    const found = explain('glibc-2.28-report')
    expect(found).toMatchObject({
      ...{ class: 'signal-reentrancy', failure: 'deadlock', confidence: 'proven' },
      lock: { symbol: '_rtld_global+2352', kind: 'recursive mutex', word: 2, owner: 0, count: 0 },
      culprits: [{ thread: 5, window: 'lock', signal: { name: 'SIGPROF' } }],
      victims: [{ thread: 4 }],
    })
    expect(found.story.at(-1)?.rests).toContain('backtrace_initialize')
  })

  it.each(['gdb16-bullseye-go1.17', 'gdb16-bookworm-static-go1.27'])(
    'explains what the reproducer made of it in the same way: %s',
    (name) => {
      const { process } = parseDump(
        readFileSync(join(REPRODUCER, `${name}.jsonl`), 'utf8').split('\n'),
      )
      const found = diagnose(process)
      expect(found).toMatchObject({
        ...{ class: 'signal-reentrancy', failure: 'deadlock', confidence: 'proven' },
        lock: { role: 'loader-write-lock', kind: 'recursive mutex', word: 2, owner: 0 },
        culprits: [{ window: 'lock', signal: { name: 'SIGPROF' } }],
      })
      expect(found.victims).toHaveLength(1)
      const victim = process.threads.find(({ lwp }) => lwp === found.victims[0]?.lwp)
      expect(victim?.frames.map((frame) => frame.function)).toContain('backtrace_initialize')
    },
  )
})
