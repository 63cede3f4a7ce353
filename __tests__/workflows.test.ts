import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseInputTexts } from './helpers/step-inputs.js'

const FOLDER = resolve(import.meta.dirname, '../.github/workflows')
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
      matrix: z.object({ include: z.array(z.record(z.string(), z.string())).optional() }),
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

  it('of the compatibility check cover the ground truth with legal values', () => {
    const cells =
      WORKFLOW.parse(parse(read('compatibility.yml'))).jobs['cell']?.strategy?.matrix.include ?? []
    for (const cell of cells) {
      const inputs = Object.entries(cell).filter(([key]) => key !== 'name')
      expect(() => parseInputTexts(Object.fromEntries(inputs))).not.toThrow()
    }
    expect(new Set(cells.map((cell) => cell['expect']))).toEqual(
      new Set(['deadlock', 'no-deadlock']),
    )
  })
})
