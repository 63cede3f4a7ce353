import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { gdbArguments } from '../../src/gdb/command.js'
import type { DumpPlan } from '../../src/gdb/command.js'
import { parseDump } from '../../src/gdb/dump.js'
import type { ParsedDump } from '../../src/gdb/dump.js'

const PROGRAMS = join(import.meta.dirname, '../fixtures/dumps/programs')
const SCRIPT = join(import.meta.dirname, '../../native/gdb/dump.py')
const started: ChildProcess[] = []
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dumped-'))
})
afterEach(() => started.splice(0).forEach((child) => child.kill('SIGKILL')))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Compiles one of the fixtures' programs and starts it; its pid, once all its threads sleep. */
async function start(name: string, threads: number): Promise<number> {
  const program = join(folder, name)
  execFileSync('gcc', [
    '-O1',
    '-D_GNU_SOURCE',
    '-o',
    program,
    join(PROGRAMS, `${name}.c`),
    '-lpthread',
    '-lrt',
    '-ldl',
  ])
  const child = spawn(program, { stdio: 'ignore' })
  started.push(child)
  const pid = child.pid ?? 0
  while (states(pid).length !== threads || states(pid).some((state) => state !== 'S'))
    await sleep(20)
  return pid
}

/** State letters of all threads of a process. */
function states(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
  })
}

async function dump(plan: Omit<DumpPlan, 'script'>): Promise<ParsedDump> {
  const result = await execa('gdb', gdbArguments({ ...plan, script: SCRIPT }), { reject: false })
  return parseDump(result.stdout.split('\n'))
}

describe('native/gdb/dump.py on this host', () => {
  it('names the signal of a handler that was given no siginfo, by what it blocks', async () => {
    const pid = await start('localtime-handler', 2)
    const { process } = await dump({ target: { pid }, mode: 'quick' })
    const marks = process.threads.flatMap(({ frames }) =>
      frames.filter((frame) => frame.signalFrame),
    )
    expect(marks.map((frame) => frame.signal)).toEqual([{ number: 27, name: 'SIGPROF', code: 0 }])
  })

  it('names both owners of a lock cycle and lets the process go on', async () => {
    const pid = await start('lock-cycle', 4)
    const { process, complete, looked } = await dump({ target: { pid }, mode: 'full' })
    expect({ complete, looked, pid: process.pid }).toEqual({ complete: true, looked: true, pid })
    const [left, right] = ['left', 'right'].map((symbol) =>
      process.locks.find((lock) => lock.symbol === symbol),
    )
    const waiting = (address?: string): (number | null)[] =>
      process.threads.filter(({ wait }) => wait?.address === address).map(({ lwp }) => lwp)
    expect(waiting(right?.address)).toEqual([left?.owner])
    expect(waiting(left?.address)).toContain(right?.owner)
    expect(new Set(states(pid))).toEqual(new Set(['S']))
  })

  it('gives the same from a core', async () => {
    const pid = await start('mixed-cycle', 4)
    const live = await dump({ target: { pid }, mode: 'quick' })
    const core = join(folder, 'core')
    await execa('gdb', ['-batch', '-nx', '-p', String(pid), '-ex', `gcore ${core}`], {
      reject: false,
    })
    const dead = await dump({
      target: { core, executable: join(folder, 'mixed-cycle') },
      mode: 'quick',
    })
    const waits = ({ process }: ParsedDump): unknown =>
      process.threads.map(({ lwp, wait }) => [lwp, wait?.kind, wait?.address, wait?.lwp]).toSorted()
    expect(waits(dead)).toEqual(waits(live))
    expect(dead.process.locks.map(({ address, owner }) => [address, owner])).toEqual(
      live.process.locks.map(({ address, owner }) => [address, owner]),
    )
  })

  it("runs the user's commands last, keeps their errors, and never calls into the process", async () => {
    const pid = await start('self-deadlock', 1)
    const commands = [
      'info symbol main',
      'no-such-command',
      'print (int)getpid()',
      'output "a\\"b"',
    ]
    const { texts, complete } = await dump({ target: { pid }, mode: 'full', commands })
    expect(complete).toBe(true)
    expect(texts.user).toContain('main in section .text')
    expect(texts.user).toContain('Undefined command')
    expect(texts.user).toContain('may-call-functions is off')
    expect(texts.user).toContain('"a\\"b"')
  })

  it('ends a command that would never come back, and the process goes on', async () => {
    const pid = await start('self-deadlock', 1)
    const { process, complete, looked } = await dump({
      target: { pid },
      mode: 'full',
      commands: ['continue'],
    })
    expect({ complete, looked }).toEqual({ complete: false, looked: true })
    expect(process.unread).toEqual([expect.stringContaining('took too long')])
    expect(states(pid)).toEqual(['S'])
  })

  it('keeps what it has when its time is up', async () => {
    const pid = await start('idle-pool', 5)
    const { process, complete, looked } = await dump({ target: { pid }, mode: 'quick', seconds: 0 })
    expect({ complete, looked }).toEqual({ complete: true, looked: false })
    expect(process.unread).toContain('threads: 5 of 5 left out: time was up')
  })

  it('looks at the threads asked for first', async () => {
    const pid = await start('idle-pool', 5)
    const last = Math.max(...readdirSync(`/proc/${pid}/task`).map(Number))
    const { process } = await dump({ target: { pid }, mode: 'quick', first: [last] })
    expect(process.threads[0]?.lwp).toBe(last)
  })

  it('does not leave a process stopped when gdb is killed at any moment', async () => {
    const pid = await start('idle-pool', 5)
    for (let afterMs = 20; afterMs < 400; afterMs += 40) {
      const gdb = execa('gdb', gdbArguments({ target: { pid }, script: SCRIPT, mode: 'quick' }), {
        reject: false,
      })
      await sleep(afterMs)
      gdb.kill('SIGKILL')
      await gdb
      await expect.poll(() => [...new Set(states(pid))], { timeout: 5000 }).toEqual(['S'])
    }
  })

  it('says why it saw nothing', async () => {
    const { process, complete } = await dump({ target: { pid: 2 ** 22 - 1 }, mode: 'quick' })
    expect(complete).toBe(true)
    expect(process.threads).toEqual([])
    expect(process.unread.join()).toMatch(/^attach: .*No such process/)
  })
})
