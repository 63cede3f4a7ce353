import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { HostResult } from '../../src/host/result.js'
import { compile, makeFolder, PROGRAMS } from '../helpers/native.js'
import { runSource } from '../helpers/source.js'
import type { SourceOptions } from '../helpers/source.js'

const DUMPS = join(import.meta.dirname, '../fixtures/dumps/programs')
const LIMIT_MS = 90_000

let folder: Awaited<ReturnType<typeof makeFolder>>

beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => folder.remove())

function build(source: string): Promise<string> {
  return compile(source, join(folder.path, 'program'))
}

interface JsonRun {
  readonly exitCode: number | null
  readonly result: HostResult
  readonly stderr: string
}

async function watchJson(args: readonly string[], options: SourceOptions = {}): Promise<JsonRun> {
  const { exitCode, stdout, stderr } = await runSource(['watch', '--json', ...args], options)
  if (stdout === '') throw new Error(`no result: ${stderr}`)
  return { exitCode, stderr, result: HostResult.parse(JSON.parse(stdout)) }
}

/** Resolves when no process is left whose command line holds a mark that only one test uses: a killed one may take a moment. */
async function nobodyLeft(mark: string): Promise<void> {
  await vi.waitUntil(() => pidsWith(mark).length === 0, { timeout: 2000, interval: 20 })
}

function pidsWith(mark: string): string[] {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(mark)
    } catch {
      return false
    }
  })
}

describe('a program that ends by itself', () => {
  it(
    'has its output passed on where ours goes, and the report after it',
    async () => {
      const script = 'echo to stdout; echo to stderr >&2; exit 0'
      const shown = await runSource(['watch', '--', 'sh', '-c', script])
      expect(shown.exitCode).toBe(0)
      expect(shown.stdout).toMatch(
        /^to stdout\n\n✅ Exited by itself \(pass: expected no deadlock\)/,
      )
      expect(shown.stdout).toContain('Lines of output')
      expect(shown.stderr).toBe('to stderr\n')
    },
    LIMIT_MS,
  )

  it(
    'passes on each line as it comes, and what it is given to read',
    async () => {
      let answered = false
      const shown = await runSource(
        ['watch', '--', 'sh', '-c', 'echo first; read line; echo "$line"'],
        {
          input: null,
          onOutput: ({ stdout }, child) => {
            if (stdout !== 'first\n' || answered) return
            answered = true
            child.stdin?.end('second\n')
          },
        },
      )
      expect(shown.stdout).toContain('first\nsecond\n')
    },
    LIMIT_MS,
  )

  it(
    'leaves standard output to the result with --json',
    async () => {
      const { exitCode, result, stderr } = await watchJson(['--', 'sh', '-c', 'echo out; exit 7'])
      expect(exitCode).toBe(2)
      expect(stderr).toBe('out\n')
      expect(result).toMatchObject({
        command: ['sh', '-c', 'echo out; exit 7'],
        outcome: 'exited',
        conclusion: 'fail',
        ending: { reason: 'exited' },
        counts: { outputLines: 1 },
        diagnosis: null,
      })
      expect(result.headline).toContain('exit code 7')
    },
    LIMIT_MS,
  )

  it(
    'runs in the environment and folder of the user, with its own flags',
    async () => {
      const { stderr } = await watchJson(
        ['--duration', '20s', 'sh', '-c', 'echo "$TOKEN $PWD $0"', '--json'],
        { cwd: folder.path, env: { TOKEN: 'kept' } },
      )
      expect(stderr).toBe(`kept ${folder.path} --json\n`)
    },
    LIMIT_MS,
  )

  it(
    'may print more than fits into memory',
    async () => {
      const { exitCode, result } = await watchJson([
        '--',
        'sh',
        '-c',
        'yes 0123456789 | head -n 5000000',
      ])
      expect(exitCode).toBe(0)
      expect(result.counts.outputLines).toBe(5_000_000)
    },
    LIMIT_MS,
  )
})

describe('a program that hangs', () => {
  it(
    'is explained and ended as soon as a dump confirms it',
    async () => {
      const program = await build(join(DUMPS, 'self-deadlock.c'))
      const { exitCode, result } = await watchJson(['--', program])
      expect(exitCode).toBe(2)
      expect(result).toMatchObject({
        outcome: 'deadlock',
        ending: { reason: 'confirmed' },
        diagnosis: { class: 'self-deadlock', confidence: 'proven' },
      })
      expect(result.diagnosis?.culprits[0]?.pid).toBeGreaterThan(1)
      await nobodyLeft(program)
    },
    LIMIT_MS,
  )

  it(
    'is what was expected with --expect deadlock',
    async () => {
      const program = await build(join(PROGRAMS, 'half-hang.c'))
      const shown = await runSource(['watch', '--expect', 'deadlock', '--', program])
      expect(shown.exitCode).toBe(0)
      expect(shown.stdout).toContain('✅ Deadlock (pass: expected a deadlock)')
      expect(shown.stdout).toContain('still here')
      expect(shown.stdout).toContain('culprit: thread 2')
      expect(shown.stdout).toContain('victim: thread 3')
    },
    LIMIT_MS,
  )

  it(
    'is looked into when it falls silent; no deadlock is claimed of one that waits for work',
    async () => {
      const program = await build(join(DUMPS, 'idle-pool.c'))
      const { exitCode, result } = await watchJson(['--stall-timeout', '2s', '--', program])
      expect(exitCode).toBe(2)
      expect(result).toMatchObject({ outcome: 'stalled', diagnosis: { class: 'idle' } })
    },
    LIMIT_MS,
  )

  it(
    'is ended with all that it started, also what left its group',
    async () => {
      const mark = `1000.${process.pid}`
      const script = `sleep ${mark}1 & setsid sleep ${mark}2 & exec sleep ${mark}3`
      const { result } = await watchJson(['--stall-timeout', '1s', '--', 'sh', '-c', script])
      expect(result.ending.reason).toBe('silent')
      await nobodyLeft(mark)
    },
    LIMIT_MS,
  )
})

it(
  'says who is in the way when gdb may not look into it, and claims nothing then',
  async () => {
    const tracer = await compile(join(PROGRAMS, 'tracer.c'), join(folder.path, 'tracer'))
    const program = await build(join(DUMPS, 'self-deadlock.c'))
    const { exitCode, result } = await watchJson(
      ['--stall-timeout', '3s', '--', 'sh', '-c', `${program} & exec ${tracer} $!`],
      { input: null },
    )
    expect(exitCode).toBe(2)
    expect(result.outcome).toBe('stalled')
    expect(result.warnings.join()).toContain('(tracer) traces it already')
  },
  LIMIT_MS,
)

describe('limits', () => {
  it(
    'lets a silent program be with --stall-timeout off, until --duration ends it gently',
    async () => {
      const script = 'trap "echo asked; exit 0" TERM; while :; do sleep 0.1; done'
      const { exitCode, result, stderr } = await watchJson([
        ...['--stall-timeout', 'off', '--duration', '2500ms'],
        ...['--', 'sh', '-c', script],
      ])
      expect(stderr).toContain('asked\n')
      expect(exitCode).toBe(0)
      expect(result).toMatchObject({ outcome: 'clean', ending: { reason: 'duration' } })
    },
    LIMIT_MS,
  )

  it(
    'ends in order when it is interrupted, and at once the second time',
    async () => {
      const mark = `1000.${process.pid}5`
      for (const [command, interrupts] of [
        [`echo up; exec sleep ${mark}`, 1],
        [`trap "" TERM; echo up; sleep ${mark}`, 2],
      ] as const) {
        let sent = 0
        const { exitCode, stdout } = await runSource(
          ['watch', '--json', '--', 'sh', '-c', command],
          {
            onOutput: ({ stderr }, child) => {
              if (stderr !== 'up\n' || sent > 0) return
              for (; sent < interrupts; sent += 1)
                setTimeout(() => child.kill('SIGINT'), 500 * sent)
            },
          },
        )
        expect(exitCode).toBe(130)
        expect(stdout === '').toBe(interrupts === 2)
        if (stdout !== '')
          expect(JSON.parse(stdout)).toMatchObject({
            outcome: 'cancelled',
            conclusion: 'neither',
          })
        await nobodyLeft(mark)
      }
    },
    LIMIT_MS,
  )

  it(
    'ends when nobody reads any more',
    async () => {
      const mark = `${process.pid}6`
      const shown = await runSource(['watch', '--', 'yes', mark], {
        onOutput: (_run, child) => child.stdout?.destroy(),
      })
      expect(shown.exitCode).not.toBe(0)
      expect(shown.stderr).not.toMatch(/\n +at /)
      await nobodyLeft(mark)
    },
    LIMIT_MS,
  )
})

it(
  'explains a crash from its core, and leaves none',
  async () => {
    const program = await build(join(DUMPS, 'segfault.c'))
    const { exitCode, result } = await watchJson(['--', program], { cwd: folder.path })
    expect(exitCode).toBe(2)
    expect(result.outcome).toBe('crash')
    expect(result.headline).toContain('SIGSEGV')
    expect(existsSync(join(folder.path, 'core'))).toBe(false)
  },
  LIMIT_MS,
)

describe('what it refuses', () => {
  it.each<[string[], string]>([
    [[], "missing required argument 'command'"],
    [['--', '/nonexistent/program'], 'there is no such program'],
    [['--', '/etc/passwd'], 'it is not executable'],
    [['--duration', '5', '--', 'true'], 'did you mean 5s?'],
    [['--stall-timeout', 'never', '--', 'true'], 'Input stall-timeout is "never"'],
    [['--expect', 'luck', '--', 'true'], 'Allowed: no-deadlock, deadlock, any'],
    [['--unknown', '--', 'true'], "unknown option '--unknown'"],
  ])(
    '%j',
    async (args, words) => {
      const refused = await runSource(['watch', ...args])
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
      expect(refused.stderr).toContain(words)
    },
    LIMIT_MS,
  )
})
