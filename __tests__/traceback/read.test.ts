import { gzipSync } from 'node:zlib'
import { Function, Line, Location, Profile, Sample, StringTable } from 'pprof-format'
import { describe, expect, it } from 'vitest'
import { readTraceback } from '../../src/traceback/read.js'
import { blindText, unwinds } from '../../src/traceback/words.js'

/** A profile with these stacks, innermost function first, as pprof writes one. */
function profileOf(stacks: readonly { names: readonly string[]; count: number }[]): string {
  const table = new StringTable()
  const all = [...new Set(stacks.flatMap(({ names }) => names))]
  const idOf = new Map(all.map((name, index) => [name, index + 1]))
  const profile = new Profile({
    stringTable: table,
    function: all.map((name) => new Function({ id: idOf.get(name)!, name: table.dedup(name) })),
    location: all.map(
      (name) =>
        new Location({ id: idOf.get(name)!, line: [new Line({ functionId: idOf.get(name)! })] }),
    ),
    sample: stacks.map(
      ({ names, count }) =>
        new Sample({ locationId: names.map((name) => idOf.get(name)!), value: [count, 1e7] }),
    ),
  })
  return gzipSync(profile.encode()).toString('base64')
}

function lineOf(profile: string, frames = 495): string {
  return `something else\nSpin tracebacks=99 frames=${frames} nanoseconds=1980000 profile=${profile}\n`
}

const GO = ['_cgo_0a1b_Cfunc_spin_outer', 'runtime.asmcgocall.abi0', 'main.spin', 'main.main']

describe('readTraceback', () => {
  it('tells C from Go, and the most frequent stack', () => {
    const seen = readTraceback(
      lineOf(
        profileOf([
          { names: ['spin_inner', 'spin_middle', 'spin_outer', ...GO], count: 60 },
          { names: ['std::vector<int>::push_back', 'spin_outer', ...GO], count: 20 },
          { names: ['runtime.futex', 'main.main'], count: 5 },
        ]),
      ),
    )
    expect(seen).toEqual({
      made: 99,
      frames: 495,
      microseconds: 20,
      samples: 85,
      named: 80,
      names: ['spin_inner', 'spin_middle', 'spin_outer'],
    })
  })

  it('sees that Go alone is in the profile', () => {
    const seen = readTraceback(lineOf(profileOf([{ names: GO.slice(1), count: 90 }]), 0))
    expect(seen).toMatchObject({ samples: 90, named: 0, names: [] })
  })

  it('gives nothing where the line is not there, and says no to what is no profile', () => {
    expect(readTraceback('Loop #1 throws=0')).toBeNull()
    expect(() => readTraceback(lineOf('AAAA'))).toThrow()
  })
})

describe('unwinds', () => {
  const of = (made: number, frames: number): boolean | null =>
    unwinds({ made, frames, microseconds: 1, samples: 0, named: 0, names: [] })

  it('takes more than the interrupted instruction', () => {
    expect([of(99, 495), of(99, 100), of(99, 99), of(99, 0)]).toEqual([true, true, false, false])
    expect(of(0, 0)).toBeNull()
  })

  it('is said in words', () => {
    const blind = { made: 99, frames: 0, microseconds: 1, samples: 0, named: 0, names: [] }
    expect(blindText(blind)).toContain('99 signals met plain C++ code')
  })
})
