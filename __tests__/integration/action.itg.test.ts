import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Result } from '../../src/result/schema.js'
import { leftContainers } from '../helpers/leftovers.js'
import { startResultsServer } from '../helpers/results-server.js'
import type { ResultsServer } from '../helpers/results-server.js'
import { runStep } from '../helpers/runner.js'
import type { StepRun } from '../helpers/runner.js'

const VULNERABLE = { 'glibc-version': '2.31', 'gcc-version': '10', 'go-version': '1.17' }

let server: ResultsServer

beforeAll(async () => {
  server = await startResultsServer()
})
afterAll(() => server.close())

function runOriginal(): Promise<StepRun> {
  const inputs = { ...VULNERABLE, experiment: 'natural', expect: 'deadlock' }
  return runStep('run', {
    inputs: { ...inputs, 'artifact-name': 'evidence 1' },
    env: server.environment,
  })
}

describe('a step that expects the deadlock', () => {
  let step: StepRun

  beforeAll(async () => {
    step = await runOriginal()
    // A few of a hundred natural runs are livelocks (docs/the-bug.md), which other tests are about.
    for (let again = 0; again < 2 && step.outputs['outcome'] === 'livelock'; again += 1) {
      await server.close()
      server = await startResultsServer()
      step = await runOriginal()
    }
  })

  it('passes', () => {
    expect(step.log).toContain('waits for itself for ever')
    expect(step.exitCode).toBe(0)
  })

  it('sets every output', () => {
    expect(step.outputs).toMatchObject({
      outcome: 'deadlock',
      conclusion: 'pass',
      class: 'signal-reentrancy',
      'artifact-id': '1',
      'artifact-url': 'https://github.com/owner/repository/actions/runs/11/artifacts/1',
    })
    expect(step.outputs['culprit']).toContain('SIGPROF')
    expect(step.outputs['unwinder']).toContain('dl_iterate_phdr')
  })

  it('writes a summary with verdict, story, versions and the wait-for graph', () => {
    expect(step.summary).toContain('Deadlock')
    expect(step.summary).toContain('SIGPROF')
    expect(step.summary).toContain('```mermaid')
    expect(step.summary).toContain('10.2.1')
    expect(Buffer.byteLength(step.summary)).toBeLessThan(1_048_576)
  })

  it('uploads the evidence under the name given: complete, and the same as on disk', async () => {
    const artifact = server.artifacts.get('evidence 1')
    expect([...(artifact?.keys() ?? [])].toSorted()).toEqual([
      'build.log',
      'gdb.log',
      'goroutines.txt',
      'graph.svg',
      'output.log',
      'report.html',
      'result.json',
      'threads.txt',
    ])
    const text = Buffer.from(artifact?.get('result.json') ?? []).toString()
    expect(text).toBe(await readFile(step.outputs['result-path'] ?? '', 'utf8'))
    const result = Result.parse(JSON.parse(text))
    expect(result.outcome).toBe('deadlock')
    const threads = Buffer.from(artifact?.get('threads.txt') ?? []).toString()
    expect(threads).toContain('__cxa_throw')
    expect(threads).toContain('<signal handler called>')
    expect(Buffer.from(artifact?.get('output.log') ?? []).toString()).toContain('Loop #1')
  })

  it('leaves nothing behind, and post finds nothing to remove', async () => {
    expect(await leftContainers(step.state['run-id'])).toEqual([])
    const post = await runStep('run-post', {
      env: { 'STATE_run-id': step.state['run-id'] ?? '', STATE_engine: step.state['engine'] ?? '' },
    })
    expect(post.exitCode).toBe(0)
    expect(post.log).toBe('')
  })
})

describe('a step that expects none', () => {
  it('fails, but only after outputs, summary and files are written; without an artifact service it warns', async () => {
    const step = await runStep('run', { inputs: VULNERABLE })
    expect(step.exitCode).toBe(1)
    expect(step.outputs).toMatchObject({ outcome: 'deadlock', conclusion: 'fail' })
    expect(step.outputs['artifact-id']).toBe('')
    expect(step.summary).toContain('Deadlock')
    expect(step.log).toMatch(/::warning::The evidence could not be uploaded/)
    expect(step.log).toContain('::error::Outcome deadlock, expected no-deadlock.')
    // The default experiment sweeps first, and that decides.
    expect(step.outputs['headline']).toContain('at step 256 of a throw')
    await readFile(join(step.outputs['result-path'] ?? ''), 'utf8')
  })
})

describe('a step with a bad input', () => {
  it('fails naming input, value and what is allowed, and starts nothing', async () => {
    const step = await runStep('run', { inputs: { 'glibc-version': '2.3.1' } })
    expect(step.exitCode).toBe(1)
    expect(step.log).toMatch(/::error::.*glibc-version.*2\.3\.1/)
    expect(step.log).not.toContain('    at ')
    expect(step.state).toEqual({})
  })
})

describe('a cancelled step', () => {
  it('ends within the runner’s patience, says so, and leaves no container', async () => {
    let sent = false
    const step = await runStep('run', {
      inputs: { 'glibc-version': '2.41', experiment: 'natural', duration: '5m' },
      onLog: (log, kill) => {
        if (!sent && log.includes('Watching the program')) {
          sent = true
          kill('SIGINT')
        }
      },
    })
    expect(step.outputs['outcome']).toBe('cancelled')
    expect(step.exitCode).toBe(1)
    expect(await leftContainers(step.state['run-id'])).toEqual([])
  })
})

describe('a step that is cancelled while it sweeps', () => {
  it('says so, and leaves no container', async () => {
    let sent = false
    const step = await runStep('run', {
      inputs: { 'glibc-version': '2.41' },
      onLog: (log, kill) => {
        if (!sent && log.includes('Sweeping a throw')) {
          sent = true
          kill('SIGINT')
        }
      },
    })
    expect(step.outputs['outcome']).toBe('cancelled')
    expect(step.exitCode).toBe(1)
    expect(await leftContainers(step.state['run-id'])).toEqual([])
  })
})

describe('a step that was killed', () => {
  it('leaves its containers to post, which removes them', async () => {
    const step = await runStep('run', {
      inputs: { 'glibc-version': '2.41', experiment: 'natural', duration: '5m' },
      onLog: (log, kill) => {
        if (log.includes('Watching the program')) kill('SIGKILL')
      },
    })
    expect(step.exitCode).toBe(null)
    expect(await leftContainers(step.state['run-id'])).toHaveLength(2)
    const post = await runStep('run-post', {
      env: { 'STATE_run-id': step.state['run-id'] ?? '', STATE_engine: step.state['engine'] ?? '' },
    })
    expect(post.exitCode).toBe(0)
    expect(post.log).toContain('Removed 2 containers')
    expect(await leftContainers(step.state['run-id'])).toEqual([])
  })
})
