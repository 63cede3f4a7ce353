import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { SweptResult } from '../../src/host/result.js'
import { findOnPath } from '../../src/programs.js'
import { placeText } from '../../src/sweep/place.js'
import { compile, end, followLines, makeFolder, PROGRAMS, start } from '../helpers/native.js'
import type { Child } from '../helpers/native.js'
import { runSource } from '../helpers/source.js'
import type { SourceRun } from '../helpers/source.js'
import { compileSwept, pidsWith, statusOf } from '../helpers/sweep.js'
import { hostEnvironment } from '../helpers/tools.js'

const LIMIT_MS = 120_000

let folder: Awaited<ReturnType<typeof makeFolder>>
let env: Readonly<Record<string, string>>
const children: Child[] = []

/** One cache for all tests here, so that the sweep is compiled once. */
beforeAll(async () => {
  folder = await makeFolder()
  env = { XDG_CACHE_HOME: join(folder.path, 'cache') }
  await compileSwept('safe', folder.path)
  await compileSwept('unsafe', folder.path)
}, LIMIT_MS)
afterEach(() => Promise.all(children.splice(0).map(end)))
afterAll(() => folder.remove())

interface JsonSweep {
  readonly exitCode: number | null
  readonly result: SweptResult
  readonly stderr: string
}

async function sweepJson(args: readonly string[], more = {}): Promise<JsonSweep> {
  const run = await runSource(['sweep', '--json', ...args], { env: { ...env, ...more } })
  if (run.stdout === '') throw new Error(`no result: ${run.stderr}`)
  return { ...run, result: SweptResult.parse(JSON.parse(run.stdout)) }
}

function program(name: string, ...args: readonly string[]): string[] {
  return ['--', join(folder.path, name), ...args]
}

async function launchCounting(mode: string): Promise<{ pid: string; goesOn: () => Promise<void> }> {
  const lines = followLines(start(join(folder.path, 'safe'), [mode]))
  children.push(lines.child)
  await lines.next(() => true)
  return {
    pid: String(lines.child.pid),
    goesOn: async () => {
      await lines.next(() => true, lines.seen.length)
    },
  }
}

describe('a handler that enters again what it interrupted', () => {
  it.each([
    ['malloc', 'malloc', /malloc's lock/],
    ['localtime', 'localtime', /the time zone's lock|the lock at 0x/],
    ['stdio', 'fwrite', /a stdio stream's lock/],
    ['dlopen', 'dlopen', /the loader's load lock/],
    ['mutex', 'add', /the mutex mutex/],
  ])(
    'hangs: %s, at one instruction of %s',
    async (name, swept, lock) => {
      await compileSwept(name, folder.path)
      const { exitCode, result } = await sweepJson(['--sweep-function', swept, ...program(name)])
      expect(exitCode).toBe(2)
      expect(result).toMatchObject({ outcome: 'deadlock', conclusion: 'fail', warnings: [] })
      const [failure] = result.sweep.failures
      expect(failure).toMatchObject({
        kind: 'deadlock',
        phase: 'handler',
        temperature: 'warm',
        pattern: 'dense',
        signal: { name: 'SIGPROF' },
      })
      // The instruction after the one that took the lock, in the C library, and all before it came back.
      expect(failure?.at?.file).toMatch(/libc\.so\.6$|libpthread/)
      expect(failure?.step).toBe(result.sweep.tried[0]?.returned)
      expect(result.diagnosis).toMatchObject({ class: 'signal-reentrancy', failure: 'deadlock' })
      // A C library without debug symbols has no name for the time zone's lock.
      expect(result.diagnosis?.headline).toMatch(lock)
      const [first] = result.diagnosis?.story ?? []
      const at = failure?.at ? placeText(failure.at) : ''
      expect(first?.text).toContain(
        `at step ${failure?.step} (${at}) its handler did not come back`,
      )
      expect(pidsWith(join(folder.path, name))).toEqual([])
    },
    LIMIT_MS,
  )

  it(
    'hangs at the same instruction on the next run',
    async () => {
      await compileSwept('mutex', folder.path)
      const args = ['--sweep-function', 'add', ...program('mutex')]
      const [one, other] = [await sweepJson(args), await sweepJson(args)]
      const failed = ({ result }: JsonSweep): unknown =>
        result.sweep.failures.map(({ step, at }) => [step, at])
      expect(failed(one)).toEqual(failed(other))
    },
    LIMIT_MS,
  )
})

describe('a map', () => {
  it(
    'decides every instruction behind the first failure too: those that hold the lock are deadly, and nothing is left',
    async () => {
      await compileSwept('mutex', folder.path)
      const args = ['--map', '--sweep-function', 'add', ...program('mutex')]
      const { exitCode, result } = await sweepJson(args)
      expect([exitCode, result.outcome]).toEqual([2, 'deadlock'])
      const { map, failures } = result.sweep
      expect(map?.complete).toBe(true)
      expect(map?.windows).toHaveLength(1)
      const deadly = map?.deadly ?? []
      expect(deadly[0]?.step).toBe(failures[0]?.step)
      expect(deadly.at(-1)?.step).toBe((deadly[0]?.step ?? 0) + deadly.length - 1)
      // Those that lock and unlock are before and behind it.
      expect(deadly.length).toBeLessThan((map?.of ?? 0) - 2)
      expect(deadly.every(({ kind }) => kind === 'deadlock')).toBe(true)
      expect(map?.time?.share).toBeGreaterThan(0)
      expect(pidsWith(join(folder.path, 'mutex'))).toEqual([])
    },
    LIMIT_MS,
  )
})

describe('a handler that only writes to a pipe', () => {
  beforeAll(() => compileSwept('pipe', folder.path))

  it(
    'is immune over malloc, every instruction tried, cold and warm, and nothing is left of it',
    async () => {
      const args = ['--sweep-function', 'malloc', '--observe', 'tell', ...program('pipe')]
      const { exitCode, result } = await sweepJson(args)
      expect(exitCode).toBe(0)
      expect(result).toMatchObject({ outcome: 'immune', conclusion: 'pass', diagnosis: null })
      expect(result.sweep.tried.map((row) => [row.temperature, row.pattern, row.complete])).toEqual(
        [
          ['warm', 'dense', true],
          ['warm', 'strided', true],
          ['cold', 'dense', true],
          ['cold', 'strided', true],
        ],
      )
      for (const row of result.sweep.tried)
        expect([row.signals, row.entered, row.returned]).toEqual([row.steps, row.steps, row.steps])
      expect(pidsWith(join(folder.path, 'pipe'))).toEqual([])
    },
    LIMIT_MS,
  )

  it(
    'is not judged when its handlers are not seen where they must be',
    async () => {
      const swept = ['--sweep-function', 'malloc', '--observe']
      const other = await sweepJson([...swept, 'main', ...program('pipe')])
      expect(other.exitCode).toBe(3)
      expect(other.result.headline).toMatch(/handlers of \d+ did not enter main/)
      const none = await sweepJson([...swept, 'no_such_name', ...program('pipe')])
      expect(none.exitCode).toBe(3)
      expect(none.result.headline).toContain('has a function no_such_name, so no handler was seen')
    },
    LIMIT_MS,
  )

  it(
    'reads as such in a terminal, and its output is kept from there',
    async () => {
      const args = ['sweep', '--sweep-function', 'malloc', ...program('pipe')]
      const { exitCode, stdout, stderr } = await runSource(args, { env })
      expect(exitCode).toBe(0)
      expect(stdout).toMatch(/^✅ Immune \(pass: expected no deadlock\)/)
      expect(stdout).toContain('The sweep')
      expect(stderr).not.toMatch(/^\d+$/m)
    },
    LIMIT_MS,
  )
})

describe('a handler that fails in another way', () => {
  it.each([
    ['unsafe', 'crash', 'crash', /^Thread 1 .*crashed with SIGSEGV in look/],
    ['unsafe', 'abort', 'crash', /^Thread 1 .*gave up with abort/],
    ['terminate.cc', '', 'terminated', /std::terminate: an exception in .*on_signal/],
  ])(
    'is looked at by gdb before it dies: %s %s',
    async (name, mode, outcome, headline) => {
      await compileSwept(name, folder.path)
      const { exitCode, result } = await sweepJson([
        ...['--expect', 'deadlock', '--sweep-function', 'work'],
        ...program(name, mode),
      ])
      expect(result).toMatchObject({ outcome, warnings: [] })
      expect(result.diagnosis).toMatchObject({
        class: 'signal-reentrancy',
        failure: outcome,
        confidence: 'strong',
      })
      expect(result.diagnosis?.headline).toMatch(headline)
      // Caused by the signal: what was expected with `deadlock`.
      expect([exitCode, result.conclusion]).toEqual([0, 'pass'])
    },
    LIMIT_MS,
  )

  it(
    'and runs in a circle is a livelock, though gdb sees a program at work',
    async () => {
      const args = ['--sweep-function', 'work', ...program('unsafe', 'spin')]
      const { exitCode, result } = await sweepJson(args)
      expect([exitCode, result.outcome]).toEqual([2, 'livelock'])
      expect(result.diagnosis?.class).toBe('busy')
    },
    LIMIT_MS,
  )
})

describe('sweep --pid', () => {
  it(
    'sweeps warm calls of a process that runs already, which goes on afterwards',
    async () => {
      const { pid, goesOn } = await launchCounting('profiled')
      const { exitCode, result } = await sweepJson(['--sweep-function', 'work', '--pid', pid])
      expect([exitCode, result.outcome, result.pid]).toEqual([0, 'immune', Number(pid)])
      expect(result.sweep.tried.map(({ temperature }) => temperature)).toEqual(['warm', 'warm'])
      expect(result.sweep.notes.join(' ')).toContain('Cold throws were left out')
      expect(statusOf(Number(pid), 'TracerPid')).toBe('0')
      await goesOn()
    },
    LIMIT_MS,
  )

  it(
    'lets it go when it is cancelled',
    async () => {
      const { pid, goesOn } = await launchCounting('sleeping')
      let asked = false
      const run = await runSource(['sweep', '--sweep-function', 'work', '--pid', pid], {
        env,
        onOutput: ({ stderr }, child) => {
          if (asked || !stderr.includes('Sweeping')) return
          asked = true
          child.kill('SIGINT')
        },
      })
      expect(run.exitCode).toBe(130)
      await vi.waitUntil(() => statusOf(Number(pid), 'TracerPid') === '0', { timeout: 10_000 })
      await goesOn()
    },
    LIMIT_MS,
  )

  it(
    'names who is in the way when ptrace is refused',
    async () => {
      const { pid } = await launchCounting('plain')
      const tracer = await compile(join(PROGRAMS, 'tracer.c'), join(folder.path, 'tracer'))
      const other = followLines(start(tracer, [pid]))
      children.push(other.child)
      await other.next((line) => line === 'traced')
      const refused = await runSource(['sweep', '--sweep-function', 'work', '--pid', pid], { env })
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
      expect(refused.stderr).toContain(`process ${other.child.pid} (tracer) traces it already`)
    },
    LIMIT_MS,
  )
})

describe('without', () => {
  it(
    'gdb it still finds the instruction, and says what is missing',
    async () => {
      const PATH = await pathWithout('gdb')
      const args = ['--sweep-function', 'work', ...program('unsafe', 'crash')]
      const { exitCode, result, stderr } = await sweepJson(args, { PATH })
      expect([exitCode, result.outcome, result.diagnosis]).toEqual([2, 'crash', null])
      expect(result.sweep.failures[0]?.at?.function).toBe('work')
      expect(result.warnings.join(' ')).toContain('gdb is not at hand')
      expect(stderr).toContain('apt-get install gdb')
    },
    LIMIT_MS,
  )

  it(
    'a call of the function it proves nothing, and shows what the program said last',
    async () => {
      const script = 'echo the settings are missing >&2; exit 3'
      const { exitCode, result } = await sweepJson(['--', 'sh', '-c', script])
      expect([exitCode, result.outcome]).toEqual([3, 'inconclusive'])
      expect(result.headline).toContain('the program ended while it was swept')
      expect(result.warnings).toContain('The program said: the settings are missing')
    },
    LIMIT_MS,
  )
})

describe('what it refuses', () => {
  it.each([
    [[], 'There is nothing to sweep'],
    [['--pid', '1', '--', 'true'], 'There is a command beside --pid'],
    [['--map', '--pid', '1'], 'There is --map beside --pid'],
    [['--pid', '4194304'], 'there is no such process'],
    [['--pid', 'x'], 'pid'],
    [['--signals', 'SIGSEGV', '--', 'true'], 'SIGSEGV'],
    [['--sweep-function', '1;2', '--', 'true'], 'sweep-function'],
    [['--avoid', '', '--', 'true'], 'avoid'],
    [['--expect', 'luck', '--', 'true'], 'luck'],
    [['--', 'no-such-program'], '"no-such-program" can\'t be started'],
    [['--', '/etc/passwd'], '"/etc/passwd" can\'t be started'],
  ])(
    '%j',
    async (args, words) => {
      const refused: SourceRun = await runSource(['sweep', ...args], { env })
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
      expect(refused.stderr).toContain(words)
      expect(refused.stderr).not.toMatch(/\n +at /)
    },
    LIMIT_MS,
  )
})

/** A PATH with what a C compiler needs, and without one program. */
async function pathWithout(left: string): Promise<string> {
  const bin = join(folder.path, `without-${left}`)
  await mkdir(bin)
  for (const name of ['cc', 'gcc', 'as', 'ld', 'sh']) {
    const [file] = await findOnPath(name, hostEnvironment())
    if (file !== undefined) await symlink(file, join(bin, name))
  }
  return bin
}
