import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'parse5'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copySymbolizer, makeProgramImage, removeImage, VULNERABLE } from '../helpers/images.js'
import { runStep } from '../helpers/runner.js'
import type { StepRun } from '../helpers/runner.js'
import { runnerCommands } from '../helpers/runner-log.js'
import { COMMANDS } from './commands.js'

/** All that our own log may make the runner do. */
const OWN = ['debug', 'endgroup', 'error', 'group', 'notice', 'stop-commands', 'warning']
const TEXT = COMMANDS.map((command) => `${command}\n`).join('')

function names(log: string): string[] {
  return [...new Set(runnerCommands(log).map(({ name }) => name))].toSorted()
}

describe('a program whose output and names are workflow commands', () => {
  let image: string
  let step: StepRun
  let folder: string

  beforeAll(async () => {
    image = await makeProgramImage({
      source: 'hostile-names',
      path: '/::add-mask::b/##[set-env name=FILE]owned',
      flags: ['-g'],
    })
    // Quoted as in a shell; between such quotes nothing has a meaning.
    const command = `'${TEXT}'`
    const natural = { experiment: 'natural', duration: '8s', 'stall-timeout': '2s' }
    step = await runStep('run', { inputs: { image, command, ...natural, upload: 'never' } })
    folder = dirname(step.outputs['result-path'] ?? '')
  })
  afterAll(() => removeImage(image))

  it('would have the runner do all of them, were its output printed as it is', async () => {
    const output = await readFile(join(folder, 'output.log'), 'utf8')
    const bare = output.replaceAll(/^\[ *[\d.]+\] /gm, '')
    // A stop-commands of its own would hide what follows it.
    const carried = names(bare.replaceAll('::stop-commands::owned', ''))
    expect(carried).toEqual(
      expect.arrayContaining(['set-env', 'add-path', 'add-mask', 'set-output', 'save-state']),
    )
  })

  it('has the runner do none: what was printed, dumped and named stays text', async () => {
    const threads = await readFile(join(folder, 'threads.txt'), 'utf8')
    expect(threads).toContain('::add-mask::a')
    expect(step.outputs['outcome']).toBe('stalled')
    expect(OWN).toEqual(expect.arrayContaining(names(step.log)))
    expect(step.exitCode).toBe(1)
  })

  it('sets no output, state or summary but ours', () => {
    expect(Object.keys(step.state).toSorted()).toEqual(['engine', 'run-id'])
    expect(Object.keys(step.outputs)).not.toContain('a')
  })

  it('does not become markup of the report', async () => {
    const html = await readFile(join(folder, 'report.html'), 'utf8')
    const tree = JSON.stringify(parse(html), (key, value: unknown) =>
      key === 'parentNode' ? undefined : value,
    )
    // Ours is the only one, and the page's policy names it by its hash.
    expect(tree.match(/"nodeName":"script"/g)).toHaveLength(1)
    expect(tree).not.toMatch(/"name":"on\w+"/)
  })
})

describe('a symbolizer whose compiler messages are workflow commands', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostile-symbolizer-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('has the runner do none of them', async () => {
    const symbolizer = join(folder, 'symbolizer')
    await copySymbolizer(symbolizer)
    const messages = COMMANDS.filter(
      (command) => command.trim() === command && !command.includes('\r'),
    ).map((command, index) => `#line ${index + 1} "${command}"\n#error ${command}\n`)
    await appendFile(join(symbolizer, 'traceback.c'), messages.join(''))
    const step = await runStep('run', { inputs: { ...VULNERABLE, symbolizer } })
    expect(step.exitCode).toBe(1)
    expect(step.log).toContain('##[set-env name=A]owned')
    expect(OWN).toEqual(expect.arrayContaining(names(step.log)))
  })
})
