import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { C_SOURCES, makeSmallImage } from '../helpers/small-image.js'
import { runStep } from '../helpers/runner.js'
import type { StepRun } from '../helpers/runner.js'

/** An image with the hostile program alone, which starts it as that user. */
export function makeIntruder(user: number): Promise<string> {
  const source = join(C_SOURCES, 'intruder.c')
  return makeSmallImage({ source, compiler: ['gcc', '-std=gnu11', '-O1', '-static'], user })
}

/** What became of each attempt: `reached` where it was at any time, or `refused` and why. */
export function attemptsOf(output: string): Record<string, string> {
  const lines = [...output.matchAll(/(?:^|\] )([\w ]+): (reached|refused \(\w+\))$/gm)]
  const refusedFirst = lines.toSorted(([, , one = ''], [, , other = '']) => (one > other ? -1 : 1))
  return Object.fromEntries(refusedFirst.map(([, what = '', how = '']) => [what, how]))
}

export interface IntruderRun {
  readonly step: StepRun
  readonly output: string
}

/** The hostile program in a step of ours. */
export async function runIntruder(
  inputs: Readonly<Record<'image' | 'command', string>> & Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<IntruderRun> {
  const natural = { experiment: 'natural', duration: '8s', 'stall-timeout': '2s', upload: 'never' }
  const step = await runStep('run', { source: true, inputs: { ...natural, ...inputs }, env })
  const folder = dirname(step.outputs['result-path'] ?? '')
  return { step, output: await readFile(join(folder, 'output.log'), 'utf8') }
}
