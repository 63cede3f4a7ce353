import type { BisectRecord, Point, Question, Test } from '../../src/bisect/record.js'

/** A question over Go releases `1.0`, `1.1`… */
export function makeQuestion(overrides: Partial<Question> = {}): Question {
  const points: Point[] = Array.from({ length: 8 }, (_none, index) => ({
    id: `1.${index}`,
    name: `Go 1.${index}`,
    inputs: { 'go-version': `1.${index}` },
    revision: null,
  }))
  return {
    ...{ axis: 'go', good: '1.0', bad: '1.7', seeks: 'bad', knownEnds: false, repository: null },
    ...{ inputs: {}, tool: '0.0.0', points },
    ...overrides,
  }
}

export function makeTest(
  point: string,
  answer: Test['answer'],
  overrides: Partial<Test> = {},
): Test {
  const seen = {
    good: { outcome: 'immune', headline: 'Every handler came back' },
    bad: { outcome: 'deadlock', headline: 'The thread waits for ever' },
    untestable: { outcome: null, headline: 'The build failed' },
  } as const
  return { point, answer, ...seen[answer], tookMs: 1500, ...overrides }
}

export function makeRecord(overrides: Partial<BisectRecord> = {}): BisectRecord {
  return {
    schemaVersion: 1,
    startedAt: '2026-01-02T03:04:05.000Z',
    finishedAt: null,
    question: makeQuestion(),
    tests: [],
    conclusion: null,
    ...overrides,
  }
}
