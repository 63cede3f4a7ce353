import { visibleLine } from '../report/visible.js'
import { shortCommit } from '../symbolizer-source/commit.js'
import type { Axis, BisectRecord, Conclusion, Point, Question, Test } from './record.js'
import { opposite } from './search.js'
import type { Step } from './search.js'

const SUBJECT_LIMIT = 80
const HEADLINE_LIMIT = 240

const NOUNS: Readonly<Record<Axis, string>> = {
  symbolizer: 'commit',
  go: 'Go release',
  gcc: 'gcc',
  glibc: 'glibc',
}

/** @example nameCommit({ commit: '8ddd954…', subject: 'walk frames', authoredAt: '2024-03-02T…' }) → '8ddd954… “walk frames” (2024-03-02)' */
export function nameCommit(revision: NonNullable<Point['revision']>): string {
  const subject = visibleLine(revision.subject, SUBJECT_LIMIT)
  return `${shortCommit(revision.commit)} “${subject}” (${revision.authoredAt.slice(0, 10)})`
}

/** One test as a line: `bad         Go 1.17: deadlock: SIGPROF at … (4.1 s)`. */
export function testLine(test: Test, points: readonly Point[]): string {
  const headline = visibleLine(test.headline, HEADLINE_LIMIT)
  const what = test.outcome === null ? 'no result' : test.outcome
  const time = `${(test.tookMs / 1000).toFixed(1)} s`
  return `${test.answer.padEnd(10)}  ${nameOf(test.point, points)}: ${what}: ${headline} (${time})`
}

/** What a finished search says, in words. */
export function concludeInWords(
  question: Question,
  tests: readonly Test[],
  step: Exclude<Step, { kind: 'test' }>,
): Conclusion {
  const said = new Map(tests.map((test) => [test.point, test]))
  switch (step.kind) {
    case 'found':
      return found(question, said, step.first)
    case 'same':
      return same(question, said, step)
    case 'among':
      return among(question, step)
  }
}

/** The whole record for a terminal: each tested point in the order of the axis, then the answer. */
export function bisectText({ question, tests, conclusion }: BisectRecord): string {
  const { points } = question
  const place = new Map(points.map(({ id }, index) => [id, index]))
  const ordered = tests.toSorted(
    (one, other) => (place.get(one.point) ?? 0) - (place.get(other.point) ?? 0),
  )
  const answer = new Set(conclusion?.kind === 'found' ? conclusion.points : [])
  const lines = ordered.map(
    (test) => `${answer.has(test.point) ? '>' : ' '} ${testLine(test, points)}`,
  )
  const head = `${points.length} points, from ${points[0]?.name ?? ''} to ${points.at(-1)?.name ?? ''}; ${tests.length} tested:`
  return [head, '', ...lines, '', ...(conclusion?.sentences ?? []), ''].join('\n')
}

function found(question: Question, said: ReadonlyMap<string, Test>, first: number): Conclusion {
  const { points, seeks } = question
  const [before, point] = [points[first - 1], points[first]]
  return {
    kind: 'found',
    points: [point?.id ?? ''],
    sentences: [
      `The first ${seeks} ${NOUNS[question.axis]} is ${point?.name ?? ''}${evidence(point, said)}`,
      `The one before it, ${before?.name ?? ''}, is ${opposite(seeks)}${briefly(before, said)}`,
    ],
  }
}

/** `: headline`, or on whose word it is taken. */
function evidence(point: Point | undefined, said: ReadonlyMap<string, Test>): string {
  const test = said.get(point?.id ?? '')
  return test === undefined
    ? ', as was said (--known-ends).'
    : `: ${withFullStop(visibleLine(test.headline, HEADLINE_LIMIT))}`
}

/** ` (immune)`, or on whose word it is taken. */
function briefly(point: Point | undefined, said: ReadonlyMap<string, Test>): string {
  const outcome = said.get(point?.id ?? '')?.outcome
  return outcome === undefined || outcome === null
    ? ', as was said (--known-ends).'
    : ` (${outcome}).`
}

function same(
  question: Question,
  said: ReadonlyMap<string, Test>,
  { end, answer }: { readonly end: number; readonly answer: 'good' | 'bad' },
): Conclusion {
  const point = question.points[end]
  return {
    kind: 'same',
    points: [point?.id ?? ''],
    sentences: [
      `${point?.name ?? ''} was called ${opposite(answer)}, but it is ${answer}${evidence(point, said)}`,
      `With both ends ${answer} there is no first ${question.seeks} ${NOUNS[question.axis]} between them. Give other ends, or other inputs.`,
    ],
  }
}

function among(
  { points, seeks, axis }: Question,
  { from, to }: { readonly from: number; readonly to: number },
): Conclusion {
  const candidates = points.slice(from, to + 1)
  const first = `The first ${seeks} ${NOUNS[axis]} is`
  const names = candidates.map(({ name }) => name).join('; ')
  const none = to === points.length ? ', or there is none' : ''
  const blocked =
    to - from === 1
      ? "One of them can't be tested; its test says"
      : `${to - from} of them can't be tested; their tests say`
  return {
    kind: 'among',
    points: candidates.map(({ id }) => id),
    sentences:
      to - from === points.length
        ? ['No point could be tested; the tests say why.']
        : [
            `${first} ${candidates.length === 1 ? '' : 'one of '}${names}${none}.`,
            `${blocked} why.`,
          ],
  }
}

function nameOf(id: string, points: readonly Point[]): string {
  return points.find((point) => point.id === id)?.name ?? id
}

function withFullStop(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}
