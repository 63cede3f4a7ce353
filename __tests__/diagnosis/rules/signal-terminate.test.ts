import { describe, expect, it } from 'vitest'
import type { DiagnosisContext } from '../../../src/diagnosis/context.js'
import { diagnose } from '../../../src/diagnosis/diagnose.js'
import { makeProcess, makeThread, makeToolchain } from '../../helpers/process.js'

/** Debian 11, libstdc++ 10: an exception without a catch, true or apparent. */
const TERMINATES = `
#0  __GI_raise (sig=sig@entry=6) at ../sysdeps/unix/sysv/linux/raise.c:50
#1  0x00007f3d86e1f537 in __GI_abort () at abort.c:79
#2  0x00007f3d871fd7ec in ?? () from /usr/lib/x86_64-linux-gnu/libstdc++.so.6
#3  0x00007f3d87208966 in ?? () from /usr/lib/x86_64-linux-gnu/libstdc++.so.6
#4  0x00007f3d872089d1 in std::terminate() () from /usr/lib/x86_64-linux-gnu/libstdc++.so.6
#5  0x00007f3d87208c65 in __cxa_throw () from /usr/lib/x86_64-linux-gnu/libstdc++.so.6
#6  0x000055c3a7a0e2a8 in one () at throw.cc:3
#7  loop_throw () at throw.cc:4`

const process = makeProcess({
  threads: [makeThread({ number: 2, stack: TERMINATES })],
  signal: { number: 6, name: 'SIGABRT', lwp: 10 },
})
const counts = { throws: 88_231, signals: 412, unwinds: 411 }

describe('std::terminate in the middle of an ordinary throw', () => {
  it('is signal re-entrancy when the program had caught exceptions and signals had unwound', () => {
    const found = diagnose(process, { counts })
    expect(found).toMatchObject({
      class: 'signal-reentrancy',
      failure: 'terminated',
      confidence: 'strong',
      culprits: [{ thread: 2 }],
    })
    expect(found.story.map(({ text }) => text).join(' ')).toContain('88,231 exceptions')
  })

  it('is a hint only when all that is known is a symbolizer, and the crash wins', () => {
    const found = diagnose(process, { toolchain: makeToolchain() })
    expect(found).toMatchObject({ class: 'crash', failure: 'terminated' })
    expect(found.also).toMatchObject([{ class: 'signal-reentrancy', confidence: 'weak' }])
  })
})

describe('a truly uncaught exception', () => {
  it.each<[string, DiagnosisContext]>([
    ['nothing is known of signals', {}],
    ['no signal ever unwound', { counts: { throws: 3, signals: 0, unwinds: 0 } }],
    ['it was the first throw', { counts: { throws: 1, signals: 40, unwinds: 40 } }],
    [
      'this libgcc takes no lock and keeps no list',
      {
        counts,
        toolchain: makeToolchain({
          unwinder: { linkage: 'shared', version: '14.2', lookup: '_dl_find_object' },
        }),
      },
    ],
  ])('is a crash: %s', (_, context) => {
    const found = diagnose(process, context)
    expect(found).toMatchObject({ class: 'crash', failure: 'terminated' })
    expect(found.headline).toContain('one (throw.cc:3)')
    expect(found.also).toEqual([])
  })
})
