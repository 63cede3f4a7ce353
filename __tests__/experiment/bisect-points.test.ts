import { expect, it } from 'vitest'
import { scrubEnvironment } from '../../src/environment.js'
import { listPoints } from '../../src/experiment/bisect-points.js'
import { SILENT } from '../../src/log.js'
import { makeRepository } from '../helpers/repository.js'
import { parseInputTexts } from '../helpers/step-inputs.js'

const LIST = ['1.26.0', '1.26.1', '1.27.0', '1.27.1']
  .map((release) => `v0.0.1-go${release}.linux-amd64`)
  .join('\n')
const deps = {
  ...{ env: scrubEnvironment(process.env), log: SILENT, signal: new AbortController().signal },
  ask: () => Promise.resolve({ kind: 'found' as const, text: `${LIST}\n` }),
}

it('takes every Go release between the ends', async () => {
  const ends = { good: '1.26.1', bad: '1.27.1', repository: '/' }
  const { points, seeks } = await listPoints('go', ends, parseInputTexts({}), deps)
  expect(seeks).toBe('bad')
  expect(points.map(({ inputs }) => inputs['go-version'])).toEqual([
    ...['1.26.1', '1.26.11', '1.27.0', '1.27.1'],
  ])
})

it('names the flag that a wrong end was given by', async () => {
  const ends = { good: '1.26.1', bad: 'abc', repository: '/' }
  await expect(listPoints('go', ends, parseInputTexts({}), deps)).rejects.toThrow(
    /^--bad: abc is not a version of Go\. Allowed are stable/,
  )
})

it('keeps the base the same while gcc changes', async () => {
  const inputs = parseInputTexts({ 'glibc-version': '2.43' })
  const ends = { good: '12', bad: '11', repository: '/' }
  const { points, seeks } = await listPoints('gcc', ends, inputs, deps)
  expect(seeks).toBe('good')
  expect(points.map((point) => point.inputs)).toEqual([
    { 'gcc-version': '11', 'base-image': 'debian:sid' },
    { 'gcc-version': '12', 'base-image': 'debian:sid' },
  ])
})

it('names the bases while glibc changes', async () => {
  const ends = { good: '2.36', bad: '2.31', repository: '/' }
  const { points, seeks } = await listPoints('glibc', ends, parseInputTexts({}), deps)
  expect(seeks).toBe('good')
  expect(points.map(({ name }) => name)).toEqual([
    'glibc 2.31 (debian:bullseye)',
    'glibc 2.35 (ubuntu:22.04)',
    'glibc 2.36 (debian:bookworm)',
  ])
})

it('takes commits by their place in history', async () => {
  const repository = await makeRepository()
  const first = await repository.commit('first', { 'go.mod': '1' })
  await repository.commit('second', { 'go.mod': '2' })
  const ends = { good: 'main', bad: first, repository: repository.folder }
  const { points, seeks } = await listPoints('symbolizer', ends, parseInputTexts({}), deps)
  expect(seeks).toBe('good')
  expect(points.map(({ name }) => name)).toEqual([
    `${first.slice(0, 12)} “first” (2024-03-02)`,
    expect.stringContaining('“second”'),
  ])
})
