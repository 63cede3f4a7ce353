import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { MATRIX_DEFAULTS, readMatrixInputs } from '../src/actions/matrix/inputs.js'
import { readReportInputs, REPORT_DEFAULTS } from '../src/actions/report/inputs.js'
import { planCells } from '../src/matrix/cells.js'
import { readSpec } from '../src/matrix/read-spec.js'
import { parseInputTexts } from './helpers/step-inputs.js'

const ROOT = resolve(import.meta.dirname, '..')
const FOLDER = join(ROOT, '.github/workflows')
const STEP = z.object({
  id: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})
const JOB = z.object({
  needs: z.union([z.string(), z.array(z.string())]).optional(),
  uses: z.string().optional(),
  'timeout-minutes': z.number().optional(),
  permissions: z.record(z.string(), z.string()),
  strategy: z
    .object({
      matrix: z.object({
        include: z.union([z.array(z.record(z.string(), z.string())), z.string()]).optional(),
      }),
    })
    .optional(),
  steps: z.array(STEP).optional(),
})
const WORKFLOW = z.object({
  permissions: z.object({}).strict(),
  concurrency: z.object({ group: z.string(), 'cancel-in-progress': z.boolean() }),
  jobs: z.record(z.string(), JOB),
})

const names = readdirSync(FOLDER)
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

describe.each(names)('%s', (name) => {
  const text = read(name)
  const workflow = WORKFLOW.parse(parse(text))
  const jobs = Object.values(workflow.jobs)
  const steps = jobs.flatMap((job) => job.steps ?? [])

  it('grants nothing at the top, and each job no more than it says why it needs', () => {
    const writing = jobs.filter((job) => Object.values(job.permissions).includes('write'))
    expect(writing.length).toBe(name === 'release.yml' ? 1 : 0)
    expect(text).not.toMatch(/^ {6}\S+: (read|write)$/m)
  })

  it('bounds every job in time', () => {
    for (const job of jobs) {
      if (job.uses === undefined) expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
    }
  })

  it('takes actions of others only by commit, with the version beside it', () => {
    const foreign = text.split('\n').filter((line) => /uses: (?!\.\/)/.test(line))
    for (const line of foreign) {
      expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    }
  })

  it('leaves no credentials in a checkout', () => {
    const checkouts = steps.filter((step) => step.uses?.startsWith('actions/checkout@'))
    for (const checkout of checkouts) expect(checkout.with?.['persist-credentials']).toBe(false)
  })

  it('puts no expression into a script', () => {
    for (const step of steps) expect(step.run ?? '').not.toContain('${{')
  })
})

describe('ci.yml', () => {
  const { jobs } = WORKFLOW.parse(parse(read('ci.yml')))

  it('has one gate that waits for every other job', () => {
    const others = Object.keys(jobs).filter((job) => job !== 'all-tests-passed')
    expect(jobs['all-tests-passed']?.needs).toEqual(others)
  })
})

describe('steps that use this action', () => {
  const own = names.flatMap((name) =>
    Object.values(WORKFLOW.parse(parse(read(name))).jobs).flatMap((job) =>
      (job.steps ?? [])
        .filter((step) => step.uses === './' && step.id !== 'bad-input')
        .map((step) => step.with ?? {}),
    ),
  )

  it('name only declared inputs, with values that the action takes', () => {
    expect(own.length).toBeGreaterThan(3)
    for (const inputs of own) {
      const fixed = Object.entries(inputs).filter(([, value]) => !String(value).includes('${{'))
      expect(() => parseInputTexts(Object.fromEntries(fixed))).not.toThrow()
    }
  })
})

describe.each([
  {
    name: 'the compatibility check',
    file: '.github/workflows/compatibility.yml',
    spec: '.github/compatibility.yml',
    action: './',
  },
  {
    name: 'the example of a scheduled matrix',
    file: 'examples/scheduled-matrix.yml',
    spec: 'examples/cells.yml',
    action: 'OWNER/cgo-deadlock-action@v1',
  },
])('$name', ({ file, spec, action }) => {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const { jobs } = WORKFLOW.parse(parse(text))
  const plan = planCells(readSpec(readFileSync(join(ROOT, spec), 'utf8'), spec))
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? [])
  const [matrix, report] = ['matrix', 'report'].map((name) =>
    steps.find((step) => step.uses?.replace(/@v1$/, '').endsWith(`/${name}`) === true),
  )

  it('has a spec in which all can be built and nothing is idle', () => {
    expect(plan.cells.length).toBeGreaterThan(5)
    expect([plan.leftOut, plan.notes]).toEqual([[], []])
    expect(plan.known.length).toBeGreaterThan(0)
  })

  it('passes on every input that a cell of the spec has', () => {
    const check = steps.find((step) => step.uses === action)
    const wanted = new Set(plan.cells.flatMap(({ inputs }) => Object.keys(inputs)))
    for (const name of wanted) expect(check?.with?.[name], name).toBe(`\${{ matrix.${name} }}`)
    // What else it is given is the same for all cells.
    const others = Object.entries(check?.with ?? {}).filter(([name]) => !wanted.has(name))
    for (const [name, value] of others)
      expect([true, `\${{ matrix.${name} }}`], name).toContain(value)
  })

  it('gives matrix and report one spec, and inputs that they take', () => {
    expect(matrix?.with?.['spec']).toBe(report?.with?.['spec'])
    const given = (step: typeof matrix): ((name: string) => string) => {
      const fixed = Object.entries(step?.with ?? {}).filter(
        ([, value]) => !String(value).includes('${{'),
      )
      return (name) => String(Object.fromEntries(fixed)[name] ?? '')
    }
    expect(() => readMatrixInputs(given(matrix))).not.toThrow()
    expect(() => readReportInputs(given(report))).not.toThrow()
    expect(Object.keys(MATRIX_DEFAULTS)).toEqual(
      expect.arrayContaining(Object.keys(matrix?.with ?? {})),
    )
    expect(Object.keys(REPORT_DEFAULTS)).toEqual(
      expect.arrayContaining(Object.keys(report?.with ?? {})),
    )
  })

  it('may read earlier runs where the report asks for them, and reports though a cell failed', () => {
    const job = Object.values(jobs).find((one) => one.steps?.includes(report!) === true)
    expect(job?.permissions).toEqual({ contents: 'read', actions: 'read' })
    expect(text).toContain('if: ${{ !cancelled() }}')
  })

  it('uses a checkout and this action, and nothing else', () => {
    for (const { uses } of steps)
      expect(uses).toMatch(/^(actions\/checkout@|\.\/|OWNER\/cgo-deadlock-action)/)
  })
})

describe('the examples', () => {
  const stepsOf = (name: string): z.infer<typeof STEP>[] => {
    const { jobs } = z
      .object({ jobs: z.record(z.string(), z.object({ steps: z.array(STEP) })) })
      .parse(parse(readFileSync(join(ROOT, 'examples', name), 'utf8')))
    return Object.values(jobs).flatMap(({ steps }) => steps)
  }

  it('of one step uses this action alone', () => {
    expect(stepsOf('one-step.yml')).toEqual([{ uses: 'OWNER/cgo-deadlock-action@v1' }])
  })

  it.each(['own-program.yml', 'symbolizer-pr.yml'])(
    '%s uses a checkout and this action, with inputs that it takes',
    (name) => {
      const [checkout, check, ...more] = stepsOf(name)
      expect(more).toEqual([])
      expect(checkout?.uses).toMatch(/^actions\/checkout@[0-9a-f]{40}$/)
      expect(checkout?.with).toMatchObject({ 'persist-credentials': false })
      expect(check?.uses).toBe('OWNER/cgo-deadlock-action@v1')
      expect(() => parseInputTexts(check?.with ?? {})).not.toThrow()
    },
  )
})
