import { describe, expect, it } from 'vitest'
import { decideMitigated } from '../../src/diagnosis/mitigation.js'
import { mitigationWarnings } from '../../src/mitigation/words.js'
import { GUARD_PATH, preloadGuard } from '../../src/mitigation/guard.js'
import { judgeGuard, lookupOf, whyNoGuard } from '../../src/mitigation/judge.js'
import type { GuardFacts } from '../../src/mitigation/judge.js'
import type { Mitigation } from '../../src/mitigation/schema.js'
import type { Sweep } from '../../src/sweep/schema.js'
import { makeInspection } from '../helpers/result.js'
import { readSwept } from '../helpers/swept.js'

describe('preloadGuard', () => {
  it.each<[string, string[], string[], string[]]>([
    ['nothing else', [], [], [`--env=LD_PRELOAD=${GUARD_PATH}`]],
    [
      'what the image preloads',
      ['--network=host'],
      ['PATH=/bin', 'LD_PRELOAD=/lib/a.so /lib/b.so'],
      ['--network=host', `--env=LD_PRELOAD=${GUARD_PATH}:/lib/a.so:/lib/b.so`],
    ],
    [
      'what the user preloads, in place of the image’s',
      ['--env=LD_PRELOAD=/lib/mine.so', '--env=A=1'],
      ['LD_PRELOAD=/lib/a.so'],
      ['--env=A=1', `--env=LD_PRELOAD=${GUARD_PATH}:/lib/mine.so`],
    ],
  ])('comes before %s', (_name, options, env, expected) => {
    expect(preloadGuard(options, env)).toEqual(expected)
  })
})

/** A real sweep of glibc 2.41 that is made to look as one whose throws lead through the guard. */
function guarded(blocked: readonly number[] = [3023, 3007, 3023, 3003]): Sweep {
  const sweep = readSwept('immune-glibc-2.41')
  const way = sweep.way!
  return {
    ...sweep,
    way: { ...way, files: [...way.files, GUARD_PATH] },
    tried: sweep.tried.map((row, at) => ({
      ...row,
      leftOut: { ...row.leftOut, blocked: blocked[at] ?? 0 },
    })),
  }
}

function facts(parts: Partial<GuardFacts> = {}): GuardFacts {
  return {
    refused: null,
    sweep: guarded(),
    natural: true,
    seen: [{ part: 'natural', pid: 7, called: true }],
    lookup: 'dl_iterate_phdr',
    ...parts,
  }
}

describe('judgeGuard', () => {
  it('is in force when the throw led through it with signals blocked, and the run called it', () => {
    const { state, evidence } = judgeGuard(facts())
    expect(state).toBe('in-force')
    expect(evidence[0]).toMatch(
      /^The way of a throw leads through the guard, which kept signals out at 3,023 of the [\d,]+ instructions of a warm one\.$/,
    )
    expect(evidence[1]).toMatch(/ran by itself it had the guard loaded and called it/)
  })

  it.each<[string, Partial<GuardFacts>, Mitigation['state'], RegExp]>([
    [
      'the throw does not lead through it',
      { sweep: readSwept('immune-glibc-2.41'), natural: false, seen: [] },
      'absent',
      /No process of the program was seen to have it loaded/,
    ],
    [
      'it is loaded, but the throw does not lead through it',
      {
        sweep: readSwept('immune-glibc-2.41'),
        natural: false,
        seen: [{ part: 'sweep', pid: 7, called: false }],
      },
      'idle',
      /does not lead through the guard/,
    ],
    [
      'the throw leads through it, but cold ones had no signal blocked',
      { sweep: guarded([3023, 3007, 0, 0]) },
      'absent',
      /no signal was blocked there \(cold, dense\)/,
    ],
    [
      'the run by itself did not have it',
      { seen: [{ part: 'sweep', pid: 7, called: true }] },
      'absent',
      /No process/,
    ],
    [
      'the run by itself had it and never called it',
      { sweep: null, seen: [{ part: 'natural', pid: 7, called: false }] },
      'idle',
      /never called it/,
    ],
    [
      'nothing was made that could show it',
      { sweep: null, natural: false },
      'absent',
      /No process/,
    ],
    [
      'the unwinder has no use for it',
      { lookup: '_dl_find_object', sweep: null },
      'idle',
      /_dl_find_object/,
    ],
    ['it was refused', { refused: 'It is musl.' }, 'absent', /^It is musl\.$/],
  ])('is not when %s', (_name, parts, state, why) => {
    const judged = judgeGuard(facts(parts))
    expect(judged.state).toBe(state)
    expect(judged.evidence.join('\n')).toMatch(why)
  })

  it.each<[GuardFacts['lookup'], GuardFacts['lookup'][]]>([
    ['dl_iterate_phdr', ['_dl_find_object', 'dl_iterate_phdr']],
    ['_dl_find_object', ['_dl_find_object']],
    ['unknown', ['_dl_find_object', 'unknown']],
    ['unknown', []],
  ])('takes %s from the files of an image with %j', (expected, lookups) => {
    const unwinders = lookups.map((lookup) => ({
      ...{ kind: 'libgcc' as const, linkage: 'shared' as const, file: '/lib/libgcc_s.so.1' },
      ...{ version: null, lookup, usedBy: ['throw' as const], evidence: [] },
    }))
    expect(lookupOf(makeInspection({ unwinders }))).toBe(expected)
  })

  it('is not tried on musl', () => {
    const musl = { kind: 'musl' as const, version: '1.2.5', file: '/lib/ld-musl-x86_64.so.1' }
    expect(whyNoGuard(makeInspection({ libc: musl }))).toMatch(/musl/)
    expect(whyNoGuard(makeInspection())).toBeNull()
    expect(whyNoGuard(null)).toBeNull()
  })
})

describe('decideMitigated', () => {
  const immune = { outcome: 'immune', headline: 'All came back.', decidedBy: 'sweep' } as const
  const hung = { outcome: 'deadlock', headline: 'It hung.', decidedBy: 'sweep' } as const
  const is = (state: Mitigation['state']): Mitigation => ({
    name: 'guard',
    state,
    evidence: ['Seen so.'],
  })

  it('says with which workaround it held', () => {
    expect(decideMitigated(immune, is('in-force'))).toEqual({
      ...immune,
      headline: 'With the guard in force: All came back.',
    })
    expect(decideMitigated(hung, is('in-force')).headline).toBe(
      'Although the guard was in force: It hung.',
    )
  })

  it('never counts one as held that was not in force', () => {
    const decided = decideMitigated(immune, is('absent'))
    expect(decided.outcome).toBe('inconclusive')
    expect(decided.headline).toMatch(/not in force.*Seen so\. Without it: All came back\./)
    expect(decideMitigated(hung, is('absent'))).toEqual(hung)
  })

  it('leaves the outcome to a toolchain that has no use for it, and says so', () => {
    expect(decideMitigated(immune, is('idle'))).toEqual(immune)
    expect(mitigationWarnings(is('idle')).join()).toMatch(/of no use to this unwinder: Seen so\./)
    expect(mitigationWarnings(is('in-force'))).toEqual([])
    expect(mitigationWarnings(null)).toEqual([])
    expect(decideMitigated(immune, null)).toEqual(immune)
  })
})
