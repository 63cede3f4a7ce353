import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  descriptionsText,
  matrixDocText,
  parseMetadata,
  readmeText,
  schemaTexts,
} from '../scripts/generated.js'
import { MATRIX_DEFAULTS, MATRIX_OUTPUTS, readMatrixInputs } from '../src/actions/matrix/inputs.js'
import { readReportInputs, REPORT_DEFAULTS, REPORT_OUTPUTS } from '../src/actions/report/inputs.js'
import { INPUT_DEFAULTS, readInputs, readInputTexts } from '../src/inputs/inputs.js'
import { OUTPUT_NAMES, outputsOf } from '../src/result/outputs.js'
import { makeResult } from './helpers/result.js'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const metadata = parseMetadata(read('action.yml'))
const readme = read('README.md')

const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase())

/** The first column of a generated table. */
function firstColumn(name: string): string[] {
  const part = readme.split(`<!-- ${name}:start -->`)[1]?.split(`<!-- ${name}:end -->`)[0] ?? ''
  return [...part.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '')
}

describe('the contract', () => {
  it('has the same inputs in action.yml, in the code and in the README', () => {
    const declared = Object.keys(metadata.inputs)
    expect(Object.keys(INPUT_DEFAULTS)).toEqual(declared)
    expect(Object.keys(readInputs(() => ''))).toEqual(declared.map((name) => camelCase(name)))
    expect(firstColumn('inputs')).toEqual(declared)
  })

  it('has the same defaults in action.yml and in the code', () => {
    const defaults = Object.fromEntries(
      Object.entries(metadata.inputs).map(([name, input]) => [name, input.default]),
    )
    expect(readInputTexts(() => '')).toEqual(defaults)
    expect(readInputs((name) => defaults[name] ?? '')).toEqual(readInputs(() => ''))
  })

  it('takes every example that action.yml gives', () => {
    for (const [name, input] of Object.entries(metadata.inputs)) {
      const example = /Example: `'?(.+?)'?`\.$/s.exec(input.description)?.[1]
      expect(example, `${name} has an example`).toBeDefined()
      const beside: Readonly<Record<string, Record<string, string>>> = {
        packages: { program: './cmd/server' },
        'compare-to': { symbolizer: '.' },
      }
      const given: Record<string, string> = { ...beside[name], [name]: example ?? '' }
      const inputs = readInputs((wanted) => given[wanted] ?? '')
      expect(inputs[camelCase(name) as keyof typeof inputs], name).not.toEqual([])
    }
  })

  it('has the same outputs in action.yml, in the code and in the README', () => {
    const declared = Object.keys(metadata.outputs)
    const paths = { result: 'r', report: 'h', artifact: null }
    expect([...OUTPUT_NAMES]).toEqual(declared)
    expect(Object.keys(outputsOf(makeResult(), paths))).toEqual(declared)
    expect(firstColumn('outputs')).toEqual(declared)
  })

  it('runs on node 24 with a post step that always comes', () => {
    const { runs } = parse(read('action.yml')) as { runs: unknown }
    expect(runs).toEqual({
      using: 'node24',
      main: 'dist/run/index.js',
      post: 'dist/run-post/index.js',
      'post-if': 'always()',
    })
  })

  it('has its generated text up to date; npm run generate makes it', () => {
    for (const [name, text] of Object.entries(schemaTexts()))
      expect(read(`schema/${name}`), name).toBe(text)
    expect(read('src/inputs/descriptions.json')).toBe(descriptionsText(metadata))
    expect(readme).toBe(readmeText(readme, metadata))
  })
})

describe.each([
  {
    name: 'matrix',
    defaults: MATRIX_DEFAULTS,
    outputs: MATRIX_OUTPUTS,
    readFrom: (readInput: (name: string) => string): object => readMatrixInputs(readInput),
  },
  {
    name: 'report',
    defaults: REPORT_DEFAULTS,
    outputs: REPORT_OUTPUTS,
    readFrom: (readInput: (name: string) => string): object => readReportInputs(readInput),
  },
])('the contract of $name', ({ name, defaults, outputs, readFrom }) => {
  const own = parseMetadata(read(`${name}/action.yml`))
  const given: Readonly<Record<string, string>> = defaults

  it('has the same inputs, defaults and outputs in action.yml and in the code', () => {
    const declared = Object.entries(own.inputs).map(([input, { default: unset }]) => [input, unset])
    expect(Object.entries(defaults)).toEqual(declared)
    expect([...outputs]).toEqual(Object.keys(own.outputs))
    const readKeys = Object.keys(readFrom((input) => given[input] ?? ''))
    expect(readKeys).toEqual(Object.keys(own.inputs).map((input) => camelCase(input)))
  })

  it('takes every example that action.yml gives', () => {
    for (const [input, { description }] of Object.entries(own.inputs)) {
      const example = /Example: (.+)\.$/s.exec(description)?.[1]
      expect(example, `${input} has an example`).toBeDefined()
      const value = (example ?? '').replaceAll('`', '')
      const others = { ...given, baseline: 'compat.json', [input]: value }
      expect(() =>
        readFrom((wanted) => (others as Record<string, string>)[wanted] ?? ''),
      ).not.toThrow()
    }
  })

  it('runs its bundle on node 24', () => {
    const { runs } = parse(read(`${name}/action.yml`)) as { runs: unknown }
    expect(runs).toEqual({ using: 'node24', main: `../dist/${name}/index.js` })
  })
})

it('has the text on matrix and report up to date; npm run generate makes it', () => {
  const document = read('docs/matrix.md')
  const [matrix, report] = ['matrix', 'report'].map((name) =>
    parseMetadata(read(`${name}/action.yml`)),
  )
  expect(document).toBe(matrixDocText(document, matrix!, report!))
})
