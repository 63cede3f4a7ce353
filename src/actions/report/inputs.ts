import { ConfigurationError } from '../../errors.js'
import { lines, matching, oneOf, optional, wholeNumber } from '../../inputs/parsers.js'
import type { FailOn } from '../../matrix/compat.js'

/** What report/action.yml declares, by name, and the value of each that is not given; the token's comes from the runner. */
export const REPORT_DEFAULTS = {
  spec: '',
  'affected-by': '',
  results: '',
  baseline: '',
  'fail-on': 'any',
  'artifact-name': 'cgo-deadlock-compat',
  'retention-days': '',
  'github-token': '${{ github.token }}',
} as const

export const REPORT_OUTPUTS = [
  'conclusion',
  'headline',
  'faults',
  'regressions',
  'undecided',
  'compat-path',
  'html-path',
  'junit-path',
  'artifact-id',
  'artifact-url',
] as const

/** What to compare with: a file, or the last successful scheduled run of a workflow (null: of this one). */
export type BaselineChoice =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'scheduled'; readonly workflow: string | null }

export interface ReportInputs {
  readonly spec: string | undefined
  readonly affectedBy: readonly string[] | undefined
  readonly results: string | undefined
  readonly baseline: BaselineChoice | undefined
  readonly failOn: FailOn
  readonly artifactName: string | undefined
  readonly retentionDays: number | undefined
  readonly githubToken: string
}

const ARTIFACT = {
  pattern: /^[^":<>|*?\r\n\\/]{1,200}$/,
  allowed: 'up to 200 characters without " : < > | * ? \\ / and line ends',
}
const WORKFLOW = {
  pattern: /^[\w.-]+\.ya?ml$/,
  allowed: 'last-scheduled:FILE with the name of a workflow file such as compatibility.yml',
}

/**
 * Reads and checks the inputs of the report.
 * @throws ConfigurationError for the first that is malformed or lacks what it needs
 */
export function readReportInputs(read: (name: string) => string): ReportInputs {
  const text = (name: string): string => read(name).trim()
  const changed = lines(read('affected-by'))
  const baseline = readBaseline(text('baseline'))
  const failOn = oneOf('fail-on', text('fail-on') || REPORT_DEFAULTS['fail-on'], [
    'regression',
    'any',
    'never',
  ])
  if (failOn === 'regression' && baseline === undefined) {
    throw new ConfigurationError(
      'Input fail-on is "regression", which needs something to compare with. Give the input baseline: a compat.json, or last-scheduled.',
    )
  }
  return {
    spec: text('spec') || undefined,
    affectedBy: changed.length === 0 ? undefined : changed,
    results: text('results') || undefined,
    baseline,
    failOn,
    artifactName: optional('artifact-name', text('artifact-name'), ARTIFACT),
    retentionDays: wholeNumber('retention-days', text('retention-days'), 1, 400),
    githubToken: text('github-token'),
  }
}

function readBaseline(value: string): BaselineChoice | undefined {
  if (value === '') return undefined
  if (value === 'last-scheduled') return { kind: 'scheduled', workflow: null }
  const [kind, workflow] = value.split(/:(.*)/s)
  if (kind !== 'last-scheduled') return { kind: 'file', path: value }
  return { kind: 'scheduled', workflow: matching('baseline', workflow ?? '', WORKFLOW) }
}
