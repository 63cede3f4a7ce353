import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Diagnosis } from '../../src/diagnosis/schema.js'
import { readCoreFile } from '../../src/host/core-file.js'
import { compile, end, followLines, makeFolder, PROGRAMS, start } from '../helpers/native.js'
import type { Child, Stream } from '../helpers/native.js'
import { runSource } from '../helpers/source.js'

const run = promisify(execFile)
const DUMPS = join(import.meta.dirname, '../fixtures/dumps')
const CYCLE = join(DUMPS, 'mixed-cycle')
const ORDER = join(import.meta.dirname, '../fixtures/programs/c/order.c')
const LOADER = '/lib64/ld-linux-x86-64.so.2'
const TEXT = join(DUMPS, 'signal-reentrancy', 'gdb10-bullseye.txt')
const LIMIT_MS = 60_000

let folder: Awaited<ReturnType<typeof makeFolder>>
const children: Child[] = []

beforeAll(async () => {
  folder = await makeFolder()
})
afterEach(() => Promise.all(children.splice(0).map(end)))
afterAll(() => folder.remove())

async function startProgram(source: string): Promise<Stream<string>> {
  const out = await compile(source, join(folder.path, 'program'))
  const stream = followLines(start(out))
  children.push(stream.child)
  return stream
}

async function diagnoseJson(...args: string[]): Promise<Diagnosis> {
  const { stdout, stderr, exitCode } = await runSource(['diagnose', '--json', ...args])
  expect(stderr).toBe('')
  expect(exitCode).toBe(0)
  return Diagnosis.parse(JSON.parse(stdout))
}

function statusOf(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, 'utf8')
}

describe('diagnose FILE', () => {
  it('explains what somebody posted, as JSON by the schema', async () => {
    const diagnosis = await diagnoseJson(TEXT)
    expect(diagnosis.class).toBe('signal-reentrancy')
    expect(diagnosis.culprits).toHaveLength(1)
    expect(diagnosis.victims.length).toBeGreaterThan(0)
  })

  it('says the same of standard input', async () => {
    const input = readFileSync(TEXT, 'utf8')
    const piped = await runSource(['diagnose', '-', '--json'], { input })
    expect(JSON.parse(piped.stdout)).toEqual(await diagnoseJson(TEXT))
  })

  it('reads the lines of our own dump, with all that they say of locks', async () => {
    const diagnosis = await diagnoseJson(join(CYCLE, 'gdb13-bookworm.jsonl'))
    expect(diagnosis).toMatchObject({ class: 'lock-cycle', confidence: 'proven' })
  })

  it('shows headline, story, threads, graph and advice on a terminal, in plain text elsewhere', async () => {
    const shown = await runSource(['diagnose', join(CYCLE, 'gdb13-bookworm.jsonl')])
    expect(shown.exitCode).toBe(0)
    expect(shown.stdout).toMatch(/^3 threads wait for each other/)
    for (const title of [
      'What happened',
      'The threads that matter',
      'Who waits for whom',
      'What to do',
      'Class lock-cycle, confidence proven',
    ])
      expect(shown.stdout).toContain(title)
    expect(shown.stdout).toBe(stripVTControlCharacters(shown.stdout))
  })

  it('ends with 3 where it has no explanation, and says what it could not read', async () => {
    const shown = await runSource(['diagnose', '-'], { input: 'nothing of the kind' })
    expect(shown.exitCode).toBe(3)
    expect(shown.stdout).toContain('What could not be read')
    expect(shown.stdout).toContain('no thread and no stack frame was found')
  })
})

describe('diagnose --pid', () => {
  it('explains a live process and leaves it as it was', async () => {
    const { child } = await startProgram(join(DUMPS, 'programs', 'self-deadlock.c'))
    const pid = child.pid!
    const diagnosis = await diagnoseJson('--pid', String(pid))
    expect(diagnosis).toMatchObject({ class: 'self-deadlock', confidence: 'proven' })
    expect(diagnosis.culprits).toMatchObject([{ pid, lwp: pid }])
    expect(statusOf(pid)).toMatch(/^State:\tS/m)
    expect(statusOf(pid)).toContain('TracerPid:\t0')
  }, 60_000)

  it('lets a busy process run on', async () => {
    const { child } = await startProgram(join(PROGRAMS, 'busy-loop.c'))
    const pid = child.pid!
    const diagnosis = await diagnoseJson('--pid', String(pid))
    expect(diagnosis).toMatchObject({ class: 'busy', failure: 'none', confidence: 'strong' })
    expect(statusOf(pid)).toContain('TracerPid:\t0')
    const ran = (): number =>
      Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) +
      Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0])
    const before = ran()
    while (ran() === before) await new Promise((resolve) => setTimeout(resolve, 20))
  }, 60_000)

  it('says who is in the way when ptrace is refused', async () => {
    const { child } = await startProgram(join(PROGRAMS, 'abba.c'))
    const tracer = await compile(join(PROGRAMS, 'tracer.c'), join(folder.path, 'tracer'))
    const other = followLines(start(tracer, [String(child.pid)]))
    children.push(other.child)
    await other.next((line) => line === 'traced')
    const refused = await runSource(['diagnose', '--json', '--pid', String(child.pid)])
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toBe('')
    expect(refused.stderr).toContain(
      `process ${String(other.child.pid)} (tracer) traces it already`,
    )
    expect(child.exitCode).toBeNull()
  }, 60_000)
})

describe('diagnose --core', () => {
  it('explains a core, with the program where the core says or where it is given', async () => {
    const { child } = await startProgram(join(DUMPS, 'programs', 'self-deadlock.c'))
    const core = join(folder.path, 'core')
    await run('gdb', ['-batch', '-nx', '-p', String(child.pid), '-ex', `gcore ${core}`])
    await end(child)
    expect(await diagnoseJson('--core', core)).toMatchObject({
      class: 'self-deadlock',
      confidence: 'proven',
    })
    const moved = join(folder.path, 'moved')
    await run('mv', [join(folder.path, 'program'), moved])
    const refused = await runSource(['diagnose', '--core', core])
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
    expect(refused.stderr).toContain(`is not at ${join(folder.path, 'program')}`)
    expect(refused.stderr).toContain('--exe')
    const given = await diagnoseJson('--core', core, '--exe', moved)
    expect(given.class).toBe('self-deadlock')
  }, 120_000)
})

describe('diagnose --core with the files of another machine', () => {
  let core: string
  let sysroot: string
  let libc: string

  /** Two of its threads wait for a lock: futex(2) is 202 on amd64 (arch/x86/entry/syscalls/syscall_64.tbl). */
  async function untilStuck(pid: number): Promise<void> {
    const waits = (): number =>
      readdirSync(`/proc/${pid}/task`).filter((tid) =>
        readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'utf8').startsWith('202 '),
      ).length
    while (waits() < 2) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  /** Puts a file of this machine there, by both its paths: /lib is a link to usr/lib on most. */
  async function putFile(file: string, there: string): Promise<void> {
    for (const path of new Set([there, there.replace(/^\/usr\//, '/')])) {
      await mkdir(dirname(join(sysroot, path)), { recursive: true })
      await copyFile(file, join(sysroot, path))
    }
  }

  beforeAll(async () => {
    const { child } = await startProgram(ORDER)
    await untilStuck(child.pid!)
    core = join(folder.path, 'other-core')
    sysroot = join(folder.path, 'sysroot')
    await run('gdb', ['-batch', '-nx', '-p', String(child.pid), '-ex', `gcore ${core}`])
    await end(child)
    const files = readCoreFile(core)?.files ?? []
    libc = files.find((file) => /\/libc[.-]/.test(file)) ?? ''
    for (const file of files) await putFile(file, file)
    await putFile(LOADER, LOADER)
  }, 60_000)

  it('does not call it idle where the C library is not found', async () => {
    const program = join(folder.path, 'program')
    const args = ['diagnose', '--json', '--core', core, '--sysroot', core, '--exe', program]
    const diagnosis = Diagnosis.parse(JSON.parse((await runSource(args)).stdout))
    expect(diagnosis).toMatchObject({ class: 'unknown', confidence: 'weak' })
    expect(diagnosis.headline).toContain('libc.so.6')
    expect(diagnosis.unread.join()).toContain('not here')
  }, 60_000)

  it('proves the cycle with the right ones', async () => {
    const diagnosis = await diagnoseJson('--core', core, '--sysroot', sysroot)
    expect(diagnosis).toMatchObject({ class: 'lock-cycle', confidence: 'proven' })
  }, 60_000)

  it('is never sure with another C library: not of a fault, and not that there is none', async () => {
    const libm = join(dirname(libc), 'libm.so.6')
    await putFile(libm, libc)
    const args = ['diagnose', '--json', '--core', core, '--sysroot', sysroot]
    const { stdout, stderr } = await runSource(args)
    expect(stderr).toMatch(
      /1 of the files here are not those that made the core \(.*libc.*build ids/,
    )
    const diagnosis = Diagnosis.parse(JSON.parse(stdout))
    expect(diagnosis.confidence).toBe('weak')
    expect(['idle', 'busy', 'lock-wait']).not.toContain(diagnosis.class)
    expect(diagnosis.unread.join()).toContain(`${libc}: the build ids differ`)
    expect(diagnosis.raise).toContain('--sysroot')
  }, 60_000)
})

describe('what it refuses', () => {
  it.each<[string[], string]>([
    [[], 'Give exactly one of'],
    [[TEXT, '--pid', '1'], 'There are FILE and --pid'],
    [['--pid', '1', '--core', 'x'], 'There are --pid and --core'],
    [[TEXT, '--exe', 'x', '--image', 'y'], '--exe, --image only means something beside --core'],
    [['--core', 'x', '--sysroot', 'y', '--image', 'z'], 'Give one of them'],
    [['--pid', 'self'], 'Input pid is "self"'],
    [['--pid', '4000000'], 'there is no such process'],
    [['--pid', '2'], '--pid is 2, but '],
    [['--core', TEXT], 'is no core of a 64-bit program'],
    [['/nonexistent'], "/nonexistent can't be read"],
    [[DUMPS], 'it is a folder'],
    [[process.execPath], 'is a binary and no text'],
  ])(
    '%j',
    async (args, words) => {
      const refused = await runSource(['diagnose', ...args])
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
      expect(refused.stderr).toContain(words)
      expect(refused.stderr).not.toMatch(/\n +at /)
    },
    LIMIT_MS,
  )

  it('says how to get gdb where there is none', async () => {
    const PATH = folder.path
    const refused = await runSource(['diagnose', '--pid', String(process.pid)], { env: { PATH } })
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('apt-get install gdb')
  })

  it('says so where gdb has no Python, or is too old', async () => {
    const gdb = join(folder.path, 'gdb')
    const PATH = `${folder.path}:/usr/bin:/bin`
    for (const [script, words] of [
      ['echo "Python scripting is not supported in this copy of GDB." >&2', 'has no Python'],
      ['echo 9.2', 'is 9.2; 10 or newer'],
    ] as const) {
      await writeFile(gdb, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
      const refused = await runSource(['diagnose', '--pid', String(process.pid)], { env: { PATH } })
      expect(refused.exitCode).toBe(1)
      expect(refused.stderr).toContain(words)
    }
  })
})
