import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextStep, opposite, testsFor } from '../../src/bisect/search.js'
import type { Answer, Search, Step } from '../../src/bisect/search.js'

interface Ended {
  readonly conclusion: Exclude<Step, { kind: 'test' }>
  /** In the order of the tests */
  readonly tested: readonly number[]
}

/** Searches to the end; `ask` stands for a test. */
function search(
  count: number,
  seeks: 'good' | 'bad',
  ask: (point: number) => Answer,
  known: Search['answers'] = new Map(),
): Ended {
  const answers = new Map(known)
  const tested: number[] = []
  for (;;) {
    const step = nextStep({ count, seeks, answers })
    if (step.kind !== 'test') return { conclusion: step, tested }
    if (answers.has(step.point)) throw new Error(`${step.point} was tested before`)
    answers.set(step.point, ask(step.point))
    tested.push(step.point)
  }
}

/** How points answer of which `first` is the first behind the change. */
function changeAt(first: number, seeks: 'good' | 'bad', skipped = new Set<number>()) {
  return (point: number): Answer =>
    skipped.has(point) ? 'untestable' : point < first ? opposite(seeks) : seeks
}

const seeking = fc.constantFrom('good' as const, 'bad' as const)

/** A number of points, where the change is (0: before the first; the number itself: nowhere), and what can't be tested. */
const cases = fc.integer({ min: 1, max: 60 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    first: fc.integer({ min: 0, max: count }),
    seeks: seeking,
    skipped: fc
      .uniqueArray(fc.integer({ min: 0, max: count - 1 }))
      .map((points) => new Set(points)),
  }),
)

describe('without points that can’t be tested', () => {
  it('finds every change among every number of points, within the bound', () => {
    for (let count = 2; count <= 130; count += 1) {
      for (let first = 1; first < count; first += 1) {
        const { conclusion, tested } = search(count, 'bad', changeAt(first, 'bad'))
        expect(conclusion).toEqual({ kind: 'found', first })
        expect(tested.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count + 1)))
        expect(tested).toEqual(expect.arrayContaining([first - 1, first]))
      }
    }
  })

  it('needs at most 5 tests among 16 points, with ends that nobody vouched for', () => {
    const most = Array.from(
      { length: 15 },
      (_none, at) => search(16, 'bad', changeAt(at + 1, 'bad')).tested.length,
    )
    expect(Math.max(...most)).toBe(5)
  })

  it('notices an end that does not answer as it must', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), seeking, (count, seeks) => {
        expect(search(count, seeks, () => seeks).conclusion).toEqual({
          ...{ kind: 'same', end: 0, answer: seeks },
        })
        expect(search(count, seeks, () => opposite(seeks)).conclusion).toEqual({
          ...{ kind: 'same', end: count - 1, answer: opposite(seeks) },
        })
      }),
    )
  })

  it('does not test ends whose answers are known', () => {
    for (let first = 1; first < 16; first += 1) {
      const known = new Map<number, Answer>([
        [0, 'good'],
        [15, 'bad'],
      ])
      const { conclusion, tested } = search(16, 'bad', changeAt(first, 'bad'), known)
      expect(conclusion).toEqual({ kind: 'found', first })
      expect(tested.length).toBeLessThanOrEqual(4)
    }
  })
})

describe('with points that can’t be tested', () => {
  it('never says what is wrong, and names exactly what can’t be told apart', () => {
    fc.assert(
      fc.property(cases, ({ count, first, seeks, skipped }) => {
        const { conclusion } = search(count, seeks, changeAt(first, seeks, skipped))
        const testable = [...Array(count).keys()].filter((point) => !skipped.has(point))
        const low = testable.findLast((point) => point < first) ?? -1
        const high = testable.find((point) => point >= first) ?? count
        expect(conclusion).toEqual(
          high - low > 1
            ? { kind: 'among', from: low + 1, to: high }
            : high === 0
              ? { kind: 'same', end: 0, answer: seeks }
              : low === count - 1
                ? { kind: 'same', end: low, answer: opposite(seeks) }
                : { kind: 'found', first },
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('costs at most one test more for each of them', () => {
    fc.assert(
      fc.property(cases, ({ count, first, seeks, skipped }) => {
        const { tested } = search(count, seeks, changeAt(first, seeks, skipped))
        const met = tested.filter((point) => skipped.has(point)).length
        expect(tested.length).toBeLessThanOrEqual(testsFor(count) + met)
      }),
      { numRuns: 2000 },
    )
  })

  it('says at each step how many tests are left at most', () => {
    fc.assert(
      fc.property(cases, ({ count, first, seeks }) => {
        const answers = new Map<number, Answer>()
        let before = Infinity
        for (;;) {
          const step = nextStep({ count, seeks, answers })
          if (step.kind !== 'test') return
          expect(step.remaining).toBeLessThan(before)
          before = step.remaining
          answers.set(step.point, changeAt(first, seeks)(step.point))
        }
      }),
    )
  })
})
