import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Result } from '../../src/result/schema.js'
import { placeText } from '../../src/sweep/place.js'
import type { SweepFailure } from '../../src/sweep/schema.js'
import { BOUNDARY_CELLS } from '../helpers/cells.js'
import { runCellFromCommandLine, runCommandLine } from '../helpers/command-line.js'
import { leftContainers } from '../helpers/leftovers.js'

const ORIGINAL = ['--glibc-version', '2.31', '--gcc-version', '10', '--go-version', '1.17']

/** Where a sweep failed, without what differs from process to process. */
function whereOf(result: Result): Pick<SweepFailure, 'kind' | 'step' | 'at' | 'phase'> | null {
  const [failure] = result.sweep?.failures ?? []
  if (failure === undefined) return null
  const { kind, step, at, phase } = failure
  return { kind, step, at, phase }
}

describe('a sweep on both sides of the boundary', () => {
  it.each(BOUNDARY_CELLS)('$name', async ({ flags, right }) => {
    const { result, exitCode } = await runCellFromCommandLine([...flags, '--experiment', 'sweep'])
    expect(await leftContainers(result.id)).toEqual([])
    expect(result.decidedBy).toBe('sweep')
    if (right.includes('deadlock')) expectDeadlock(result, exitCode)
    else expectImmune(result, exitCode)
  })
})

/** Each time the first deadly instruction is the one after the lock's compare-and-swap. */
function expectDeadlock(result: Result, exitCode: number | undefined): void {
  expect(result.outcome).toBe('deadlock')
  expect(exitCode).toBe(2)
  const [failure] = result.sweep?.failures ?? []
  expect(failure).toMatchObject({ temperature: 'warm', pattern: 'dense', phase: 'handler' })
  expect(failure?.at?.function).toMatch(/pthread_mutex_lock/)
  const calls = failure?.stack.map((place) => place.function) ?? []
  expect(calls).toContain('_Unwind_RaiseException')
  expect(calls.at(-1)).toBe('__cxa_throw')
  expect(result.diagnosis).toMatchObject({ class: 'signal-reentrancy', confidence: 'proven' })
  expect(result.diagnosis?.culprits[0]).toMatchObject({ window: 'lock', lwp: failure?.tid })
  expect(result.diagnosis?.story[0]?.text).toContain(placeText(failure!.at!))
}

function expectImmune(result: Result, exitCode: number | undefined): void {
  expect(result.outcome).toBe('immune')
  expect(exitCode).toBe(0)
  const rows = result.sweep?.tried ?? []
  expect(rows.map(({ temperature, pattern }) => `${temperature} ${pattern}`)).toEqual([
    'warm dense',
    'warm strided',
    'cold dense',
    'cold strided',
  ])
  for (const { signals, entered, returned, complete, steps } of rows) {
    expect(complete).toBe(true)
    expect(signals).toBeGreaterThan(5_000)
    expect(returned).toBe(signals)
    expect(entered).toBe(signals)
    expect(steps).toBeGreaterThanOrEqual(signals)
  }
  expect(result.sweep?.map).toMatchObject({ complete: true, deadly: [] })
}

describe('the same sweep again', () => {
  it('hangs at the same instruction', async () => {
    const flags = [...ORIGINAL, '--experiment', 'sweep']
    const { result: first } = await runCellFromCommandLine(flags)
    const { result: second } = await runCellFromCommandLine(flags)
    expect(whereOf(first)).toMatchObject({ kind: 'deadlock', step: 256 })
    expect(whereOf(second)).toEqual(whereOf(first))
  })
})

describe('other signals', () => {
  it.each(['SIGURG', 'SIGCHLD', 'SIGWINCH', 'SIGUSR1'])(
    '%s does the same, no profiler needed',
    async (name) => {
      const { result } = await runCellFromCommandLine([
        ...ORIGINAL,
        ...['--experiment', 'sweep', '--sweep-signals', name],
      ])
      expect(result.outcome).toBe('deadlock')
      expect(result.diagnosis?.culprits[0]?.signal?.name).toBe(name)
      expect(whereOf(result)?.step).toBe(256)
    },
  )
})

describe('both, the default', () => {
  it('does not run by itself what the sweep has decided, and keeps sweep and stacks', async () => {
    const { result, folder } = await runCellFromCommandLine(ORIGINAL)
    expect(result).toMatchObject({ experiment: 'both', decidedBy: 'sweep', outcome: 'deadlock' })
    expect(result.ending.reason).toBe('swept')
    expect(result.counts.throws).toBeNull()
    expect(await readFile(join(folder, 'threads.txt'), 'utf8')).toContain('dl_iterate_phdr')
    expect(await readFile(join(folder, 'result.json'), 'utf8')).toContain('"step": 256')
    // The dump stops where the symbolizer needs the lock that hangs.
    expect(await readFile(join(folder, 'goroutines.txt'), 'utf8')).toMatch(/^goroutine \d+ \[/m)
  })

  it('runs by itself what the sweep has cleared, and tells both', async () => {
    const { result } = await runCellFromCommandLine(['--glibc-version', '2.41', '--duration', '4s'])
    expect(result).toMatchObject({ experiment: 'both', decidedBy: 'sweep', outcome: 'immune' })
    expect(result.counts.throws).toBeGreaterThan(10_000)
  })

  it('leaves it to the run when there is nothing to sweep', async () => {
    const { result } = await runCellFromCommandLine([
      ...['--image', 'debian:bookworm', '--duration', '4s', '--stall-timeout', '2s'],
      ...[
        '--command',
        `perl -e '$|=1; while (1) { print "x\\n"; select(undef, undef, undef, 0.05) }'`,
      ],
    ])
    expect(result).toMatchObject({ decidedBy: 'natural', outcome: 'clean' })
    expect(result.sweep).toMatchObject({ outcome: 'inconclusive' })
    expect(result.sweep?.missing.join()).toMatch(
      /no file of the program has a function __cxa_throw/,
    )
  })
})

describe('the self-check', () => {
  it('sees the toolchain that must hang do so, before the one that was asked for is looked at', async () => {
    const { exitCode, stdout, stderr } = await runCommandLine([
      ...['run', '--folder', await mkdtemp(join(tmpdir(), 'self-check-'))],
      ...['--glibc-version', '2.41', '--experiment', 'natural', '--duration', '4s'],
      ...['--self-check', 'true'],
    ])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Clean')
    expect(stderr).toContain('Self-check: the toolchain that must hang did.')
  })
})
