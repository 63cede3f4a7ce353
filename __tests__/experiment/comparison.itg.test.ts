import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { findEngine } from '../../src/engine.js'
import { scrubEnvironment } from '../../src/environment.js'
import { runCell } from '../../src/experiment/cell.js'
import type { CellRecord } from '../../src/experiment/cell.js'
import { planCell } from '../../src/experiment/plan.js'
import { actingInputs, readInputs, readInputTexts } from '../../src/inputs/inputs.js'
import { SILENT } from '../../src/log.js'
import { Result } from '../../src/result/schema.js'
import { copySymbolizer, VULNERABLE } from '../helpers/images.js'
import { makeRepository } from '../helpers/repository.js'
import { changeSymbolizer } from '../helpers/symbolizers.js'
import type { CHANGES } from '../helpers/symbolizers.js'

const COMPARISON_MS = 900_000

let folder: string
/** The safe symbolizer, and changed ones beside it */
const folders: Record<string, string> = {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comparison-'))
  const changes: (keyof typeof CHANGES)[] = [
    'unwinds',
    'unwinds twice',
    'looks at nothing in a handler',
    'does not compile',
  ]
  for (const [index, change] of [null, ...changes].entries()) {
    const place = join(folder, `symbolizer-${index}`)
    await copySymbolizer(place)
    if (change !== null) await changeSymbolizer(place, change)
    folders[change ?? 'safe'] = place
  }
  return () => rm(folder, { recursive: true, force: true })
})

/** What the command line and the action do, but for the map, which takes minutes and has tests of its own. */
async function compare(symbolizer: string, compareTo: string): Promise<CellRecord> {
  const given: Readonly<Record<string, string>> = {
    ...VULNERABLE,
    ...{ symbolizer, 'compare-to': compareTo, experiment: 'sweep' },
  }
  const read = (name: string): string => given[name] ?? ''
  const env = scrubEnvironment(process.env)
  const deps = { env, log: SILENT, signal: new AbortController().signal }
  const place = { folder, cwd: folder }
  const plan = await planCell(readInputs(read), actingInputs(readInputTexts(read)), place, deps)
  expect(plan.sweepMap).toBe(true)
  const host = { engine: await findEngine(undefined, env), env }
  return runCell({ ...plan, sweepMap: false }, host, deps)
}

it(
  'calls a change that lets the handler walk frame pointers fixed, by the commit before it',
  async () => {
    const repository = await makeRepository()
    const module = join(repository.folder, 'symbolizer')
    await copySymbolizer(module)
    await changeSymbolizer(module, 'unwinds')
    const before = await repository.commit('enter the unwinder')
    await rm(module, { recursive: true })
    await copySymbolizer(module)
    await repository.commit('walk frame pointers')

    const record = await compare(module, 'HEAD^')
    const { comparison, conclusion, outcome } = record.material.result
    expect([outcome, comparison?.verdict, conclusion]).toEqual(['immune', 'fixed', 'pass'])
    expect(comparison?.to).toBe(`HEAD^ (${before.slice(0, 12)})`)
    expect(comparison?.base.outcome).toBe('deadlock')
    expect(comparison?.deadly.base).toEqual({ instructions: null, of: null, rate: null })
    expect(comparison?.deadly.head).toMatchObject({ instructions: 0, rate: 0 })
    expect(comparison?.headline).toMatch(
      /^Fixed: .* deadly instructions: not known -> 0 of 1\d,\d{3}; predicted rate per signal: not known -> 0 %/,
    )

    const files = await readdir(record.folder)
    expect(files).toContain('base')
    expect(files).not.toContain('base-source')
    expect(await readdir(join(record.folder, 'base'))).toContain('report.html')
    const written = JSON.parse(await readFile(join(record.folder, 'result.json'), 'utf8')) as object
    expect(Result.parse(written).comparison?.verdict).toBe('fixed')
    expect(await repository.git('status', '--porcelain')).toBe('')
  },
  COMPARISON_MS,
)

it(
  'calls a change after which the handler looks at nothing no longer unwinding, not fixed',
  async () => {
    const { material } = await compare(
      folders['looks at nothing in a handler']!,
      folders['unwinds']!,
    )
    const { comparison, conclusion, traceback, outcome } = material.result
    expect([outcome, comparison?.verdict, conclusion]).toEqual([
      'immune',
      'no-longer-unwinds',
      'fail',
    ])
    expect(traceback).toMatchObject({ frames: 0, named: 0 })
    expect(comparison?.base.traceback?.names).toContain('spin_outer')
    expect(material.result.warnings.join(' ')).toContain('The symbolizer unwinds nothing')
  },
  COMPARISON_MS,
)

it(
  'calls one that unwinds twice where it did once still deadlocking, which is known',
  async () => {
    const { material } = await compare(folders['unwinds twice']!, folders['unwinds']!)
    const { comparison, conclusion, outcome } = material.result
    expect([outcome, comparison?.verdict, conclusion]).toEqual([
      'deadlock',
      'still-deadlocks',
      'pass',
    ])
  },
  COMPARISON_MS,
)

it(
  'says no where the other side, or the change, does not compile',
  async () => {
    const [safe, broken] = [folders['safe']!, folders['does not compile']!]
    await expect(compare(broken, safe)).rejects.toThrow(/traceback\.c/)
    await expect(compare(safe, broken)).rejects.toThrow(/traceback\.c/)
    await expect(compare(safe, 'HEAD^')).rejects.toThrow(/git repository/)
  },
  COMPARISON_MS,
)
