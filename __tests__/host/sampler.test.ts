import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { startSampler as startHostSampler } from '../../src/host/sampler.js'
import type { SamplerEvent } from '../../src/watch/types.js'
import { blocksAllSignals } from '../../src/watch/waits.js'
import { is, makeReader, watchHost } from '../helpers/host-sampler.js'
import type { HostWatch } from '../helpers/host-sampler.js'
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

let folder: Awaited<ReturnType<typeof makeFolder>>
let native = ''
const children: Child[] = []
const watches: HostWatch[] = []

beforeAll(async () => {
  folder = await makeFolder()
  native = await buildNative('progress', folder.path)
}, 60_000)
afterEach(async () => {
  for (const { sampler } of watches.splice(0)) sampler.stop()
  await Promise.all(children.splice(0).map(end))
})
afterAll(() => folder.remove())

function keep<T>(stream: Stream<T>): Stream<T> {
  children.push(stream.child)
  return stream
}

async function startProgram(name: string, flags: readonly string[] = []): Promise<Stream<string>> {
  const out = await compile(join(PROGRAMS, `${name}.c`), join(folder.path, name), flags)
  return keep(followLines(start(out)))
}

function watch(
  program: { child: Child },
  options: Parameters<typeof watchHost>[1] = {},
): HostWatch {
  const watched = watchHost(program.child.pid!, options)
  watches.push(watched)
  return watched
}

/** What is the same in both samplers' telling: all but times. */
function timeless<E extends SamplerEvent>(events: readonly E[]): E[] {
  return events.map((event) => ({ ...event, t: 0 }))
}

function threadsOf(events: readonly SamplerEvent[]): unknown[] {
  return timeless(events.filter(is('thread'))).sort((a, b) =>
    JSON.stringify(a).localeCompare(JSON.stringify(b)),
  )
}

describe('beside the native sampler', () => {
  it.each([
    ['self-deadlock', 1],
    ['half-hang', 3],
    ['abba', 3],
  ])('says the same of where the threads of %s stand', async (name, threads) => {
    const program = await startProgram(name)
    const ours = watch(program)
    const theirs = keep(startSampler(native, program.child.pid))
    const stands = is('still', ({ futex }) => futex?.timed === false)
    await ours.next(is('tick', (tick) => tick.threads >= threads))
    const first = await ours.next(stands)
    await theirs.next(is('still', ({ tid, futex }) => tid === first.tid && futex !== null))
    await ours.next(is('tick', ({ t }) => t > first.t + 1500))
    await theirs.next(is('tick', ({ t }) => t > first.t + 1500))
    const last = (events: readonly SamplerEvent[]): Map<number, unknown> =>
      new Map(timeless(events.filter(stands)).map((still) => [still.tid, still]))
    expect(last(ours.seen).size).toBeGreaterThan(0)
    expect(last(ours.seen)).toEqual(last(theirs.seen))
    expect(threadsOf(ours.seen)).toEqual(threadsOf(theirs.seen))
    expect(timeless(ours.seen.filter(is('process')))).toEqual(
      timeless(theirs.seen.filter(is('process'))),
    )
  })

  it.each([
    ['position independent', ['-pie', '-fPIE']],
    ['at a fixed address', ['-no-pie']],
    ['stripped, with the object exported', ['-rdynamic', '-s']],
  ])('reads the counters of a program that is %s', async (_title, flags) => {
    const program = await startProgram('terminated', flags)
    const ours = watch(program)
    const theirs = keep(startSampler(native, program.child.pid))
    const ended = is('counters', ({ terminated }) => terminated !== 0)
    const wanted = await theirs.next(ended)
    expect({ ...(await ours.next(ended)), t: 0 }).toEqual({ ...wanted, t: 0 })
    expect(ours.seen.find(is('process'))).toMatchObject({ counters: true })
  })

  it('tells the same names, whatever they hold', async () => {
    const program = await startProgram('names')
    await program.next((line) => line === 'begun')
    const ours = watch(program)
    const theirs = keep(startSampler(native, program.child.pid))
    await ours.next(is('thread', ({ name }) => name.startsWith('cut')))
    await theirs.next(is('thread', ({ name }) => name.startsWith('cut')))
    await ours.next(is('tick'))
    const names = (events: readonly SamplerEvent[]): string[] =>
      events.filter(is('thread')).map(({ name }) => name.replaceAll(/\ufffd+/g, '\ufffd'))
    expect(names(ours.seen)).toEqual(names(theirs.seen))
  })
})

describe('what it tells of threads', () => {
  it('tells a victim with no signal blocked from a culprit with all', async () => {
    const { next } = watch(await startProgram('half-hang'))
    const culprit = await next(is('thread', ({ name }) => name === 'culprit'))
    const waits = (own: boolean): ReturnType<typeof is<'still'>> =>
      is('still', ({ tid, futex }) => (tid === culprit.tid) === own && futex?.timed === false)
    const stuck = await next(waits(true))
    const victim = await next(waits(false))
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
      .flatMap((tick) => tick.moved.map(([tid]) => tid))
    expect(moved).toContain(program.child.pid)
    expect(moved).not.toContain(still.tid)
  })

  it('finds children, notes an exec, and what has ended; leaves out everything else', async () => {
    const other = await startProgram('half-hang')
    const shell = keep(
      followLines(start('sh', ['-c', 'sh -c "exec sleep 1000" & read go; kill $!; wait; read go'])),
    )
    const { next, seen } = watch(shell)
    const sleeper = await next(is('process', ({ name }) => name === 'sleep'))
    expect(sleeper.exe).toMatch(/sleep$|coreutils$|busybox$/)
    shell.child.stdin.write('\n')
    await next(is('process-end', ({ pid }) => pid === sleeper.pid))
    const pids = new Set(seen.filter(is('process')).map(({ pid }) => pid))
    expect([...pids].sort()).toEqual([shell.child.pid!, sleeper.pid].sort())
    expect(pids).not.toContain(other.child.pid)
  })

  it('looks at one process alone when asked to', async () => {
    const shell = keep(followLines(start('sh', ['-c', 'sleep 1000 & echo $!; wait'])))
    const child = Number(await shell.next(() => true))
    const { next, seen } = watch(shell, { descendants: false })
    await next(is('tick', ({ t }) => t > 300))
    expect(seen.filter(is('process')).map(({ pid }) => pid)).toEqual([shell.child.pid])
    process.kill(child)
  })
})

describe('where busy threads run', () => {
  it('is told with file and offset, and every signal still arrives', async () => {
    const program = await startProgram('queued')
    const { next } = watch(program, { intervalMs: 20, pcs: makeReader() })
    const pc = await next(is('pc'))
    expect(pc.file).toBe(join(folder.path, 'queued'))
    expect(Number(pc.offset)).toBeGreaterThan(0)
    program.child.stdin.write('.')
    expect(await program.next((line) => line.startsWith('got'))).toBe('got 20000')
  }, 60_000)

  it('is not asked while a debugger works, and not of threads whose throws go on', async () => {
    const program = await startProgram('busy-loop')
    const { next, seen, sampler } = watch(program, { pcs: makeReader() })
    await next(is('pc'))
    await sampler.pause()
    const at = seen.length
    const status = readFileSync(`/proc/${program.child.pid!}/status`, 'utf8')
    expect(status).toContain('TracerPid:\t0')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(seen.slice(at)).toEqual([])
    sampler.resume()
    await next(is('pc'), at)
    const thrower = watch(await startProgram('healthy-throws'), { pcs: makeReader() })
    await thrower.next(is('tick', ({ t }) => t > 2500))
    expect(thrower.seen.filter(is('pc'))).toEqual([])
  }, 30_000)

  it('says once that another tracer is in the way, and goes on', async () => {
    const program = await startProgram('busy-loop')
    const tracer = await compile(join(PROGRAMS, 'tracer.c'), join(folder.path, 'tracer'))
    const other = keep(followLines(start(tracer, [String(program.child.pid)])))
    await other.next((line) => line === 'traced')
    const { next, seen } = watch(program, { pcs: makeReader() })
    const trouble = await next(is('trouble'))
    expect(trouble.message).toBe(
      'where its busy threads run cannot be read: Operation not permitted',
    )
    await next(is('tick', ({ t }) => t > trouble.t + 400))
    expect(seen.filter(is('trouble'))).toHaveLength(1)
  }, 30_000)
})

it('may be paused by whoever hears of a tick, and then tells nothing', async () => {
  const program = await startProgram('busy-loop')
  const told: string[] = []
  let paused: Promise<void> | undefined
  const sampler = startHostSampler({ root: program.child.pid!, descendants: true }, (event) => {
    told.push(event.event)
    if (event.event === 'tick' && event.t > 200) paused ??= sampler.pause()
  })
  await vi.waitUntil(() => told.includes('paused'), { timeout: 10_000 })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(told.at(-1)).toBe('paused')
  sampler.stop()
})

it('costs little', async () => {
  const program = await startProgram('pool-condvar')
  const { next } = watch(program)
  const first = await next(is('tick', ({ t }) => t > 500))
  const before = process.cpuUsage()
  const last = await next(is('tick', ({ t }) => t > first.t + 2000))
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1000 / (last.t - first.t)).toBeLessThan(0.1)
})
