import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { blocksAllSignals } from '../../src/watch/waits.js'
import type { SamplerEvent } from '../../src/watch/types.js'
import {
  buildNative,
  compile,
  end,
  followLines,
  makeFolder,
  PROGRAMS,
  start,
  startSampler,
} from '../helpers/native.js'
import type { Child, Stream } from '../helpers/native.js'

type Named<N extends SamplerEvent['event']> = Extract<SamplerEvent, { event: N }>

function is<N extends SamplerEvent['event']>(
  name: N,
  wanted: (event: Named<N>) => boolean = () => true,
): (event: SamplerEvent) => event is Named<N> {
  return (event): event is Named<N> => event.event === name && wanted(event as Named<N>)
}

let folder: Awaited<ReturnType<typeof makeFolder>>
let sampler = ''
let tracer = ''
const children: Child[] = []

beforeAll(async () => {
  folder = await makeFolder()
  sampler = await buildNative('progress', folder.path)
  tracer = await compile(join(PROGRAMS, 'tracer.c'), join(folder.path, 'tracer'))
}, 60_000)
afterEach(() => Promise.all(children.splice(0).map(end)))
afterAll(() => folder.remove())

function keep<T>(stream: Stream<T>): Stream<T> {
  children.push(stream.child)
  return stream
}

async function startProgram(name: string, flags: readonly string[] = []): Promise<Stream<string>> {
  const out = await compile(join(PROGRAMS, `${name}.c`), join(folder.path, name), flags)
  return keep(followLines(start(out)))
}

function watch(program: { child: Child }, ...args: string[]): Stream<SamplerEvent> {
  return keep(startSampler(sampler, program.child.pid, args))
}

function runMs(pid: number, tid = pid): number {
  const text = readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8')
  return Number(text.split(' ')[0]) / 1e6
}

/** Resolves when the thread has run on: nobody holds it. */
async function runsOn(pid: number, tid: number): Promise<void> {
  const before = runMs(pid, tid)
  while (runMs(pid, tid) - before < 20) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('what it tells of threads', () => {
  it('says where a thread waits for itself: futex word, operation, blocked signals, files', async () => {
    const program = await startProgram('self-deadlock')
    const { next, seen } = watch(program)
    const pid = program.child.pid!
    const still = await next(is('still', ({ futex }) => futex !== null))
    expect(still).toMatchObject({
      pid,
      tid: pid,
      state: 'S',
      futex: { op: 0, value: 2, timed: false },
      futexFile: join(folder.path, 'self-deadlock'),
    })
    expect(still.pcFile).toMatch(/\/libc[.-]/)
    expect(still.syscall).toBe(202)
    expect(blocksAllSignals(still.blocked)).toBe(true)
    expect(seen[0]).toEqual({ event: 'hello', t: 0, version: 1, interval: 100 })
    expect(seen[1]).toMatchObject({
      event: 'process',
      pid,
      ppid: process.pid,
      name: 'self-deadlock',
      exe: join(folder.path, 'self-deadlock'),
      uid: process.getuid!(),
      counters: false,
    })
    expect(seen[2]).toMatchObject({ event: 'thread', pid, tid: pid, name: 'self-deadlock' })
  })

  it('tells a victim with no signal blocked from a culprit with all', async () => {
    const { next } = watch(await startProgram('half-hang'))
    const culprit = await next(is('thread', ({ name }) => name === 'culprit'))
    const stuck = await next(
      is('still', ({ tid, futex }) => tid === culprit.tid && futex?.timed === false),
    )
    const victim = await next(
      is('still', ({ tid, futex }) => tid !== culprit.tid && futex?.timed === false),
    )
    expect(victim.futex?.address).toBe(stuck.futex?.address)
    expect(blocksAllSignals(stuck.blocked)).toBe(true)
    expect(victim.blocked).toBe('0x0')
  })

  it('lists a thread as moved when it moved, and only then', async () => {
    const program = await startProgram('half-hang')
    const { next, seen } = watch(program)
    const still = await next(is('still', ({ futex }) => futex?.timed === false))
    const at = seen.length
    await next(
      is('tick', ({ t }) => t > still.t + 500),
      at,
    )
    const moved = seen
      .slice(at)
      .filter(is('tick'))
      .flatMap((tick) => tick.moved)
    expect(moved.map(([tid]) => tid)).toContain(program.child.pid)
    expect(moved.map(([tid]) => tid)).not.toContain(still.tid)
  })

  it('prints names that hold anything as valid JSON, and notes when they change', async () => {
    const program = await startProgram('names')
    const { next, seen } = watch(program)
    await program.next((line) => line === 'begun')
    await next(is('thread', ({ name }) => name === 'short'))
    await next(is('thread', ({ name }) => name.startsWith('gr')))
    await next(is('thread', ({ name }) => name.startsWith('cut')))
    const names = seen.filter(is('thread')).map(({ name }) => name)
    expect(names).toContain('a"b\\c\nd\u0001')
    expect(names).toContain('bad\ufffd\ufffd\ufffd')
    expect(names).toContain('cut\ufffd\ufffd')
    expect(names).toContain('grüß')
    expect(names).toContain('')
  })

  it('says when a thread and when a process has ended, and then ends itself', async () => {
    const program = await startProgram('names')
    const { child, next } = watch(program)
    const short = await next(is('thread', ({ name }) => name === 'short'))
    program.child.stdin.write('.')
    expect(await next(is('thread-end'))).toMatchObject({ tid: short.tid })
    const ended = once(child, 'exit')
    await end(program.child)
    expect(await next(is('process-end'))).toMatchObject({ pid: program.child.pid })
    expect(await ended).toEqual([0, null])
  })
})

describe('what it watches', () => {
  it('finds children and theirs, and leaves out everything else', async () => {
    const other = await startProgram('half-hang')
    const shell = keep(followLines(start('sh', ['-c', 'sh -c "sleep 1000 & wait" & wait'])))
    const { next, seen } = watch(shell)
    const sleeper = await next(is('process', ({ name }) => name === 'sleep'))
    const pids = seen.filter(is('process')).map(({ pid }) => pid)
    expect(pids).toContain(shell.child.pid)
    expect(pids).not.toContain(other.child.pid)
    expect(pids).not.toContain(process.pid)
    process.kill(sleeper.pid)
    await next(is('process-end', ({ pid }) => pid === sleeper.pid))
  })

  it('notes that a process has become another program', async () => {
    const shell = keep(followLines(start('sh', ['-c', 'read go; exec sleep 1000'])))
    const { next } = watch(shell)
    expect(await next(is('process'))).toMatchObject({ name: 'sh' })
    shell.child.stdin.write('\n')
    const later = await next(is('process', ({ name }) => name === 'sleep'))
    expect(later.pid).toBe(shell.child.pid)
    expect(later.exe).toMatch(/sleep$/)
  })
})

describe('counters', () => {
  const layouts: [string, string[]][] = [
    ['position independent', ['-pie', '-fPIE']],
    ['at a fixed address', ['-no-pie']],
    ['linked statically', ['-static']],
    ['stripped, with the object exported', ['-rdynamic', '-s']],
  ]
  it.each(layouts)('are read from a program that is %s', async (_title, flags) => {
    const program = await startProgram('healthy-throws', flags)
    const { next, seen } = watch(program)
    const first = await next(is('counters', ({ threads }) => (threads[0]?.throws ?? 0) > 0))
    const second = await next(
      is('counters', ({ threads }) => (threads[0]?.throws ?? 0) > (first.threads[0]?.throws ?? 0)),
    )
    expect(seen.find(is('process'))).toMatchObject({ counters: true })
    expect(second.threads).toHaveLength(1)
    expect(second.terminated).toBe(0)
    expect(seen.filter(is('thread')).map(({ tid }) => tid)).toContain(second.threads[0]?.tid)
  })

  it('say which thread reached std::terminate', async () => {
    const { next } = watch(await startProgram('terminated'))
    const told = await next(is('counters', ({ terminated }) => terminated !== 0))
    expect(told.threads).toEqual([
      { tid: told.terminated, throws: 42, signals: 0, unwinds: 0, exposures: 0 },
    ])
  })

  it('keep a thread from being stopped while its throws go on', async () => {
    const { next, seen } = watch(await startProgram('healthy-throws'), '--interval', '20')
    await next(is('tick', ({ t }) => t > 2500))
    expect(seen.filter(is('pc'))).toEqual([])
  })
})

describe('where busy threads run', () => {
  it('is sampled with file and offset, and every signal still arrives', async () => {
    const program = await startProgram('queued')
    const { next } = watch(program, '--interval', '10')
    const pc = await next(is('pc'))
    expect(pc.file).toBe(join(folder.path, 'queued'))
    expect(Number(pc.offset)).toBeGreaterThan(0)
    program.child.stdin.write('.')
    expect(await program.next((line) => line.startsWith('got'))).toBe('got 20000')
  })

  it('is told of a thread that cannot stop at once, and nobody is blamed for it', async () => {
    const { next, seen } = watch(await startProgram('long-calls'), '--interval', '10')
    const { t } = await next(is('pc'))
    await next(is('pc', (later) => later.t > t + 500))
    expect(seen.filter(is('trouble'))).toEqual([])
  })

  it('leaves the thread running when the sampler is killed at any moment', async () => {
    const program = await startProgram('busy-loop')
    for (let round = 0; round < 3; round += 1) {
      const { child, next } = watch(program, '--interval', '10')
      const { pid, tid } = await next(is('pc', ({ t }) => t % 7 === round))
      await end(child)
      await runsOn(pid, tid)
      expect(readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8')).toContain('TracerPid:\t0')
    }
  })

  it('says once that another tracer is in the way, and goes on', async () => {
    const program = await startProgram('busy-loop')
    const other = keep(followLines(start(tracer, [String(program.child.pid)])))
    await other.next((line) => line === 'traced')
    const { next, seen } = watch(program, '--interval', '20')
    const trouble = await next(is('trouble'))
    expect(trouble.message).toContain('ptrace is refused')
    await next(is('tick', ({ t }) => t > trouble.t + 300))
    expect(seen.filter(is('trouble'))).toHaveLength(1)
  })
})

describe('its manners', () => {
  it('keeps still between pause and resume', async () => {
    const program = await startProgram('busy-loop')
    const { child, next, seen } = watch(program, '--interval', '10')
    const { pid, tid } = await next(is('pc'))
    child.stdin.write('pause\n')
    const paused = await next(is('paused'))
    await runsOn(pid, tid)
    const before = runMs(child.pid!)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(runMs(child.pid!)).toBe(before)
    expect(seen.at(-1)).toBe(paused)
    child.stdin.write('resume\n')
    await next(is('resumed'))
    await next(is('tick'), seen.length)
  })

  it('goes on when its input ends, also out of a pause', async () => {
    const program = await startProgram('half-hang')
    const { child, next, seen } = watch(program)
    child.stdin.end('pause\n')
    await next(is('resumed'))
    await next(is('tick'), seen.length)
    expect(seen.filter(is('paused'))).toHaveLength(1)
  })

  it('ends when nobody reads it any more', async () => {
    const program = await startProgram('half-hang')
    const { child, next } = watch(program)
    await next(is('tick'))
    const ended = once(child, 'exit')
    child.stdout.destroy()
    expect(await ended).toEqual([0, null])
  })

  it('costs little', async () => {
    const program = await startProgram('pool-condvar')
    const { child, next } = watch(program)
    const first = await next(is('tick', ({ t }) => t > 500))
    const before = runMs(child.pid!)
    const last = await next(is('tick', ({ t }) => t > first.t + 2000))
    expect((runMs(child.pid!) - before) / (last.t - first.t)).toBeLessThan(0.02)
  })

  it.each([
    [['--root', '999999999'], '--root'],
    [['--root', '4000000'], 'does not exist'],
    [['--interval', '5'], '--interval'],
    [['--interval'], '--interval'],
    [['now'], 'unknown argument'],
  ])('refuses %j with what is allowed', async (args, words) => {
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) =>
      execFile(sampler, args, (error, _stdout, text) =>
        resolve({ code: error?.code, stderr: text }),
      ),
    )
    expect(code).toBe(2)
    expect(stderr).toContain(words)
    expect(stderr).toContain('usage:')
  })
})
