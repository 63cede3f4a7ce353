import { describe, expect, it } from 'vitest'
import { makeCanon } from '../../src/sweep/canon.js'
import { drawMap } from '../../src/sweep/map.js'
import { addWork, openUndecided, startMap, takeWork, wordsOf } from '../../src/sweep/map-plan.js'
import type { Deadly, MapPlan } from '../../src/sweep/map-plan.js'
import { predictRate, wilson } from '../../src/sweep/prediction.js'
import { mapSentences } from '../../src/report/sweep-words.js'
import type { SweepPlace } from '../../src/sweep/schema.js'

function place(offset: number, name = 'pthread_mutex_lock'): SweepPlace {
  return {
    file: '/lib/libc.so.6',
    offset: `0x${offset.toString(16)}`,
    function: name,
    functionOffset: offset,
  }
}

function deadly(step: number, overrides: Partial<Deadly> = {}): Deadly {
  return {
    step,
    kind: 'deadlock',
    signal: 27,
    at: place(step),
    stack: [],
    waiting: null,
    evidence: [],
    ...overrides,
  }
}

/** Does all the work there is: everything comes back but what is deadly, and some leave a process spoiled. */
function carryOut(
  start: MapPlan,
  size: number,
  fatal: ReadonlySet<number>,
  spoiling: ReadonlySet<number> = new Set(),
): MapPlan {
  let plan = openUndecided(start, steps(100), size)
  for (let rounds = 0; plan.open.length > 0; rounds += 1) {
    if (rounds > 1000) throw new Error('the plan does not end')
    const { work, rest } = takeWork(plan, size)
    expect(work.length).toBeLessThanOrEqual(size)
    const at = work.findIndex(({ step }) => fatal.has(step))
    const failed = work[at]
    if (failed !== undefined) {
      const found = deadly(failed.step, { signal: failed.signal })
      plan = addWork(rest, work, { kind: 'failed', at, deadly: found })
    } else if (work.length > 1 && work.some(({ step }) => spoiling.has(step))) {
      plan = addWork(rest, work, { kind: 'spoiled' })
    } else {
      plan = addWork(rest, work, { kind: 'clean', survived: work, shut: [] })
    }
  }
  return plan
}

function steps(count: number): number[] {
  return Array.from({ length: count }, (_, step) => step)
}

describe('the plan of a map', () => {
  it('decides every step of every signal, and calls one deadly only by a process of its own', () => {
    const fatal = new Set([3, 4, 19, 99])
    const many = carryOut(startMap([27, 23]), 40, fatal)
    expect(many.deadly).toEqual([])
    const plan = carryOut(many, 1, fatal)
    for (const signal of [27, 23]) {
      const found = plan.deadly.filter((each) => each.signal === signal).map(({ step }) => step)
      expect(found.toSorted((a, b) => a - b)).toEqual([3, 4, 19, 99])
      expect(plan.survived.get(signal)?.size).toBe(96)
    }
    expect(plan.processes - many.processes).toBe(8)
    expect(openUndecided(plan, steps(100), 1).open).toEqual([])
  })

  it('trusts no process that a signal has spoiled, and tries fewer at once there', () => {
    const spoiling = new Set([50])
    const many = carryOut(startMap([27]), 40, new Set(), spoiling)
    expect(many.survived.get(27)?.size).toBe(60)
    expect(openUndecided(many, steps(100), 8).open).toHaveLength(40)
    const fewer = carryOut(many, 8, new Set(), spoiling)
    expect(fewer.survived.get(27)?.size).toBe(92)
    expect(carryOut(fewer, 1, new Set(), spoiling).survived.get(27)?.size).toBe(100)
  })

  it('does not try again beside others where a process has failed', () => {
    const plan = carryOut(startMap([27]), 40, new Set([3, 4]))
    expect(openUndecided(plan, steps(100), 8).open).toEqual([])
    expect(openUndecided(plan, steps(100), 1).open.map(({ step }) => step)).toEqual([3, 4])
  })

  it('puts back what a process did not come to', () => {
    const { work, rest } = takeWork(openUndecided(startMap([27]), steps(100), 40), 40)
    expect(addWork(rest, work, { kind: 'lost' }).open).toHaveLength(100)
    const failed = { kind: 'failed', at: 2, deadly: null } as const
    expect(addWork(rest, work, failed).open.map(({ step }) => step)).not.toContain(2)
    expect(addWork(rest, work, failed).open).toHaveLength(99)
  })

  it('gives each signal a throw of its own, with one before it that sets the way right', () => {
    expect(wordsOf(27, { place: place(16), turn: 2 })).toEqual(['skip', '27@/lib/libc.so.6+0x10#2'])
  })
})

describe('makeCanon', () => {
  it('finds an instruction by its turn, and takes the rounds of a repeated one for one', () => {
    const way = [place(1), place(2), place(2), place(2), place(3), place(1), place(2)]
    const canon = makeCanon(way)
    expect(canon.steps).toEqual([0, 1, 4, 5, 6])
    expect(canon.find(place(2), 1)).toBe(1)
    expect(canon.find(place(2), 2)).toBe(6)
    expect(canon.find(place(2), 3)).toBeNull()
    expect(canon.at(6)).toEqual({ place: place(2), turn: 2 })
    expect(canon.at(2)).toBeNull()
  })
})

describe('drawMap', () => {
  const way = Array.from({ length: 12 }, (_, step) => place(step))
  const plan: MapPlan = {
    open: [],
    deadly: [
      deadly(7),
      deadly(2),
      deadly(3),
      deadly(3),
      deadly(8, { kind: 'livelock', at: place(8, 'walk') }),
    ],
    shut: new Map(),
    suspect: new Map(),
    survived: new Map([[27, new Set([0, 1, 4, 5, 6, 9, 10, 11])]]),
    processes: 5,
  }

  it('leaves out where the thread has the signal blocked: nothing is to be decided there', () => {
    const survived = new Map([[27, new Set([0, 1, 4, 5, 6, 9])]])
    const shut = new Map([[27, new Set([10, 11])]])
    expect(drawMap({ ...plan, survived, shut }, { way, samples: [] })).toMatchObject({
      decided: 10,
      of: 10,
      complete: true,
    })
    const { open } = openUndecided({ ...plan, survived, shut }, [9, 10, 11], 1)
    expect(open).toEqual([])
  })

  it('leaves an instruction in that one of the signals can reach, deadly or not', () => {
    const came = [0, 1, 4, 5, 6, 9]
    const both: MapPlan = {
      ...plan,
      deadly: [...plan.deadly, deadly(10, { signal: 23 })],
      survived: new Map([
        [27, new Set(came)],
        [23, new Set([...came, 2, 3, 7, 8, 11])],
      ]),
      shut: new Map([[27, new Set([10, 11])]]),
    }
    const map = drawMap(both, { way, samples: [] })
    expect(map).toMatchObject({ decided: 12, of: 12, complete: true })
    expect(map.windows.map(({ from, to }) => [from, to])).toContainEqual([10, 10])
    const unsettled = { ...both, survived: new Map([...both.survived, [23, new Set(came)]]) }
    expect(openUndecided(unsettled, [9, 10, 11], 1).open).toEqual([{ signal: 23, step: 11 }])
  })

  it('groups neighbours into windows, each deadly instruction once', () => {
    const map = drawMap(plan, { way, samples: [] })
    expect(map.deadly.map(({ step }) => step)).toEqual([2, 3, 7, 8])
    expect(map.windows.map(({ from, to, kinds, locked }) => ({ from, to, kinds, locked }))).toEqual(
      [
        { from: 2, to: 3, kinds: ['deadlock'], locked: true },
        { from: 7, to: 8, kinds: ['deadlock', 'livelock'], locked: true },
      ],
    )
    expect(map).toMatchObject({ decided: 12, of: 12, complete: true, processes: 5 })
    expect(map.shareOfInstructions).toBeCloseTo(4 / 12)
    expect(map.afterOthers).toBe(0)
  })

  it('counts an instruction once that several signals find deadly', () => {
    const both = { ...plan, deadly: [deadly(2), deadly(2, { signal: 23 }), deadly(3)] }
    const map = drawMap(both, { way, samples: [] })
    expect(map.deadly).toHaveLength(3)
    expect(mapSentences(map)[0]).toContain(': 2 (')
  })

  it('counts apart where a process failed only after other signals', () => {
    const suspect = new Map([[27, new Set([2, 5, 6])]])
    const map = drawMap({ ...plan, suspect }, { way, samples: [] })
    expect(map.afterOthers).toBe(2)
    expect(mapSentences(map).join(' ')).toContain(
      'At 2 more a process failed only after signals at other instructions, which had left something behind; alone they were survived.',
    )
  })

  it('is not complete while an instruction is undecided', () => {
    const survived = new Map([[27, new Set([0, 1, 4, 5, 6, 9, 10])]])
    expect(drawMap({ ...plan, survived }, { way, samples: [] })).toMatchObject({
      decided: 11,
      complete: false,
    })
  })
})

describe('predictRate', () => {
  const way = [place(1), place(2), place(1), place(3)]

  it('weighs an instruction by the share of its turns that are deadly', () => {
    const samples = [
      ...Array.from({ length: 90 }, () => place(9)),
      ...Array.from({ length: 10 }, () => place(1)),
    ]
    const rate = predictRate([deadly(0, { at: place(1) })], way, samples)
    expect(rate).toMatchObject({ samples: 100, hits: 5, share: 0.05 })
    expect(rate!.secondsToHang).toBeCloseTo(0.2)
    expect(rate!.low).toBeLessThan(0.05)
    expect(rate!.high).toBeGreaterThan(0.05)
  })

  it('is nothing without samples, and never in a way without deadly instructions', () => {
    expect(predictRate([], way, [])).toBeNull()
    expect(predictRate([], way, [place(1)])).toMatchObject({ share: 0, secondsToHang: null })
  })

  it('bounds a proportion by the score interval', () => {
    // By hand: (0.05 + 0.01921 ± 1.96 √(0.000475 + 0.000096)) / 1.03841
    expect(wilson(5, 100).low).toBeCloseTo(0.0215, 3)
    expect(wilson(5, 100).high).toBeCloseTo(0.1118, 3)
    expect(wilson(0, 10).low).toBe(0)
    expect(wilson(10, 10).high).toBeCloseTo(1)
  })
})
