import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CommanderError } from 'commander'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { makeProgram } from '../src/cli/program.js'
import { conclude } from '../src/diagnosis/outcome.js'
import { INPUT_DEFAULTS } from '../src/inputs/inputs.js'
import { Expect, Outcome } from '../src/result/schema.js'
import { parseInputTexts } from './helpers/step-inputs.js'

const ROOT = resolve(import.meta.dirname, '..')
const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'THREATS.md'],
  ...[
    'docs/architecture.md',
    'docs/cli.md',
    'docs/sweep.md',
    'docs/own-program.md',
    'docs/matrix.md',
    'docs/bisect.md',
    'docs/symbolizer.md',
    'docs/layer-cache.md',
  ],
]
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const readme = read('README.md')

const STEPS = z.array(
  z.object({
    uses: z.string().optional(),
    with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  }),
)
const SNIPPET = z.union([
  STEPS,
  z
    .object({ jobs: z.record(z.string(), z.object({ steps: STEPS })) })
    .transform(({ jobs }) => Object.values(jobs).flatMap((job) => job.steps)),
])
const SCRIPTS = z.object({ scripts: z.record(z.string(), z.string()) })

/** The contents of the fenced blocks of one language. */
function blocks(language: string, text: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(
    ([, block]) => block ?? '',
  )
}

/** The cells of a table's rows below a heading. */
function rows(heading: string): string[][] {
  const section = readme.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

function inBackticks(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '')
}

describe('the steps to copy', () => {
  const steps = blocks('yaml', readme).flatMap((block) => SNIPPET.parse(parse(block)))
  const own = steps.filter((step) => step.uses?.startsWith('OWNER/cgo-deadlock-action@v1'))

  it('use this action, one of them without any input', () => {
    expect(own.length).toBeGreaterThanOrEqual(4)
    expect(own.some((step) => step.with === undefined)).toBe(true)
  })

  it('name only declared inputs, with values that the action takes', () => {
    for (const step of own) expect(() => parseInputTexts(step.with ?? {})).not.toThrow()
  })

  it('use only outputs that the action has', () => {
    const declared = z
      .object({ outputs: z.record(z.string(), z.unknown()) })
      .parse(parse(read('action.yml')))
    const used = [...readme.matchAll(/steps\.\w+\.outputs\.([\w-]+)/g)].map(([, name]) => name)
    expect(used.length).toBeGreaterThan(0)
    for (const name of used) expect(Object.keys(declared.outputs)).toContain(name)
  })
})

describe('the commands to copy', () => {
  const { scripts } = SCRIPTS.parse(JSON.parse(read('package.json')))
  const lines = DOCUMENTS.flatMap((file) => blocks('sh', read(file)))
    .flatMap((block) => block.trim().split('\n'))
    .map((line) => line.replace(/\s+#.*$/, ''))
  const ours = [...lines, scripts['start'] ?? ''].filter((line) =>
    line.startsWith('node dist/cli/index.js '),
  )

  it('are scripts of package.json, files of this repository or our own commands', () => {
    for (const line of lines) {
      const [program, first = '', second = ''] = line.split(' ')
      if (program === 'npm') {
        const script = first === 'run' ? second : first
        expect(first === 'ci' || script in scripts, line).toBe(true)
      } else if (program === 'node') expect(first, line).toBe('dist/cli/index.js')
      else if (program === 'npx')
        expect(existsSync(join(ROOT, 'node_modules/.bin', first))).toBe(true)
      else expect(existsSync(join(ROOT, program ?? '')), line).toBe(true)
    }
  })

  it.each(ours)('%s: a command with flags that it has and values that it takes', (line) => {
    const [name, ...flags] = line.split(' ').slice(2)
    const command = makeProgram().commands.find((one) => one.name() === name)
    if (command === undefined) throw new Error(`no command ${name ?? ''}`)
    const known = flags.filter((flag) => flag !== '--help')
    const { operands, unknown } = command.parseOptions(known)
    expect(unknown).toEqual([])
    const { registeredArguments: takes } = command
    const limit = takes.some(({ variadic }) => variadic) ? Infinity : takes.length
    expect(operands.length).toBeLessThanOrEqual(limit)
    expect(() => parseInputTexts(inputsOf(command))).not.toThrow()
  })

  it('show their help', async () => {
    let help = ''
    const program = makeProgram()
    for (const command of [program, ...program.commands]) {
      command.configureOutput({ writeOut: (text) => (help += text) })
    }
    await expect(program.parseAsync(['node', 'cgo-deadlock', 'run', '--help'])).rejects.toThrow(
      CommanderError,
    )
    expect(help).toContain('--glibc-version')
    expect(help).toContain('Exit codes: 0')
  })
})

/** The inputs that were given as flags. */
function inputsOf(command: Command): Record<string, string> {
  const given = Object.keys(INPUT_DEFAULTS).map((name) => {
    const key = name.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase())
    return [name, z.string().default('').parse(command.opts()[key])] as const
  })
  return Object.fromEntries(given)
}

describe('the tables by hand', () => {
  it('say of each outcome what the code concludes', () => {
    const table = rows('How to read a verdict')
    const described = table.flatMap((row) => inBackticks(row[0]))
    expect(described.toSorted()).toEqual(Outcome.options.toSorted())
    for (const row of table) {
      for (const outcome of Outcome.options.filter((one) => inBackticks(row[0]).includes(one))) {
        for (const [column, wanted] of Expect.options.entries()) {
          const words = row[column + 2] ?? ''
          const best = conclude(outcome, wanted, { class: 'signal-reentrancy', exitCode: 0 })
          const worst = conclude(outcome, wanted, { class: 'crash', exitCode: 1 })
          expect(words, `${outcome}, ${wanted}`).toMatch(new RegExp(`^${best}`))
          expect(/ for /.test(words), `${outcome}, ${wanted}`).toBe(best !== worst)
        }
      }
    }
  })

  it('give the exit codes of the command line', () => {
    expect(rows('Exit codes of the command line').map(([code]) => code)).toEqual([
      ...['0', '1', '2', '3', '130'],
    ])
  })
})

describe.each(DOCUMENTS)('%s', (file) => {
  it('links only to what is there', () => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)]
    for (const [, target] of links) {
      expect(existsSync(resolve(ROOT, dirname(file), target ?? '')), target).toBe(true)
    }
  })
})
