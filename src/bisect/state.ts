import type { BisectRecord } from './record.js'
import { opposite } from './search.js'
import type { Answer, Search } from './search.js'

/** The search as far as a record has come: what was tested, and the ends where they are known. */
export function searchOf({ question, tests }: Pick<BisectRecord, 'question' | 'tests'>): Search {
  const { points, seeks, knownEnds } = question
  const answers = new Map<number, Answer>()
  if (knownEnds) answers.set(0, opposite(seeks)).set(points.length - 1, seeks)
  for (const { point, answer } of tests) {
    answers.set(
      points.findIndex(({ id }) => id === point),
      answer,
    )
  }
  return { count: points.length, seeks, answers }
}
