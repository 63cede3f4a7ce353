import { culpritText, headlineOf } from '../result/outputs.js'
import type { Result } from '../result/schema.js'
import { versionRows } from './facts.js'
import { verdictOf } from './verdict.js'
import { visibleLine } from './visible.js'

/** One annotation of a workflow run. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
}

/** GitHub shows at most ten of a kind for each step. */
const MAX_ANNOTATIONS = 10
/** GitHub cuts a message at 4,096 characters. */
const MAX_MESSAGE = 4000

/** At most ten annotations, the most important first: the verdict, what else is possible, warnings. */
export function annotationsOf(result: Result): Annotation[] {
  const warnings = result.warnings.map((message): Annotation => ({
    level: 'warning',
    title: 'Cgo deadlock check',
    message,
  }))
  const also = (result.diagnosis?.also ?? []).map((other): Annotation => ({
    level: 'notice',
    title: `Also possible: ${other.class} (${other.confidence})`,
    message: other.headline,
  }))
  return [verdictAnnotation(result), ...warnings, ...also]
    .slice(0, MAX_ANNOTATIONS)
    .map(({ level, title, message }) => ({
      level,
      title: visibleLine(title, 200),
      message: visibleLine(message, MAX_MESSAGE),
    }))
}

function verdictAnnotation(result: Result): Annotation {
  const { title, against, tone } = verdictOf(result)
  const [culprit] = result.diagnosis?.culprits ?? []
  const unwinder = versionRows(result).find((row) => row.what === 'Unwinder at run time')?.built
  const message = [
    headlineOf(result),
    culprit === undefined ? '' : `Culprit: ${culpritText(culprit)}.`,
    unwinder ? `Unwinder: ${unwinder}.` : '',
  ]
  const levels = { good: 'notice', bad: 'error', unsure: 'warning' } as const
  return {
    level: levels[tone],
    title: `${title} (${against})`,
    message: message.filter((part) => part !== '').join(' '),
  }
}
