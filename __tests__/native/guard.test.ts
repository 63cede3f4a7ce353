import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { compile, end, follow, makeFolder } from '../helpers/native.js'
import type { Child, Stream } from '../helpers/native.js'
import { spawn } from 'node:child_process'

const run = promisify(execFile)
const NATIVE = join(import.meta.dirname, '../../native/guard')
const CALLS = join(import.meta.dirname, '../fixtures/guard/calls.c')
const LIMIT_MS = 120_000

let folder: Awaited<ReturnType<typeof makeFolder>>
let guard = ''
let locksOnly = ''
let seen = ''
let calls = ''
let fixed = ''
const children: Child[] = []

beforeAll(async () => {
  folder = await makeFolder()
  const { path } = folder
  await run('make', ['-C', NATIVE, '--always-make', `OUT=${join(path, 'whole')}`])
  guard = join(path, 'whole', 'guard.so')
  seen = join(path, 'whole', 'seen')
  // As its own comment and the report tell people to make it.
  const source = join(NATIVE, 'guard.c')
  locksOnly = join(path, 'locks-only.so')
  const flags = ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-DGUARD_LOCKS_ONLY']
  await run('cc', [...flags, '-o', locksOnly, source, '-ldl'])
  calls = await compile(CALLS, join(path, 'calls'))
  fixed = await compile(CALLS, join(path, 'fixed'), ['-static'])
}, LIMIT_MS)
afterEach(() => Promise.all(children.splice(0).map(end)))
afterAll(() => folder.remove())

interface Said {
  readonly name: string
  readonly number: number
}

function begin(command: string, args: readonly string[], preload?: string): Child {
  const env = { ...process.env, ...(preload === undefined ? {} : { LD_PRELOAD: preload }) }
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

/** Runs the program until it has tried everything; it stays, to be looked at. */
async function runCalls(
  preload: string | undefined,
  program = calls,
): Promise<{ said: Record<string, number>; pid: number }> {
  const stream = follow(begin(program, [], preload), (line): Said => {
    const [name = '', number] = line.split(' ')
    return { name, number: Number(number) }
  })
  await stream.next(({ name }) => name === 'end')
  const said = Object.fromEntries(stream.seen.map(({ name, number }) => [name, number]))
  return { said, pid: stream.child.pid ?? 0 }
}

interface Seen {
  readonly event: 'guard' | 'looked'
  readonly pid?: number
  readonly calls?: number
}

function look(preload: string): Stream<Seen> {
  return follow(begin(seen, [preload]), (line) => JSON.parse(line) as Seen)
}

/** What a program finds that calls dl_iterate_phdr by itself. */
const SAME = {
  result: 7,
  'data-passed': 1,
  'segv-blocked': 0,
  'found-in-handler': 1,
  'blocked-after': 0,
  'handled-after': 2,
  'own-mask-kept': 1,
  'wrong-in-threads': 0,
  'child-well': 1,
  'errno-kept': 1,
}

describe('the guard', () => {
  it('lets signals in by itself: the control', async () => {
    const { said } = await runCalls(undefined)
    expect(said).toMatchObject({ ...SAME, 'handled-inside': 2 })
  })

  it('keeps signals out of the callback, and none is lost; handlers, threads and a fork may call it too', async () => {
    const { said } = await runCalls(guard)
    expect(said).toMatchObject({ ...SAME, 'handled-inside': 0 })
  })

  it('lets them into the callback when its part for the cache is left out', async () => {
    const { said } = await runCalls(locksOnly)
    expect(said).toMatchObject({ ...SAME, 'handled-inside': 2 })
  })

  it('asks for no version of the C library, so that it loads on every glibc', async () => {
    const { stdout: versions } = await run('readelf', ['-VW', guard])
    expect(versions).toContain('No version information')
    const { stdout: dynamic } = await run('readelf', ['-dW', guard])
    expect([...dynamic.matchAll(/NEEDED.*\[(.*)\]/g)].map((match) => match[1])).toEqual([
      'libdl.so.2',
    ])
  })
})

describe('seen', () => {
  it('tells from outside that a process has it loaded and calls it', async () => {
    const stream = look(guard)
    const { pid } = await runCalls(guard)
    const isCalled = stream.next((each) => each.pid === pid && (each.calls ?? 0) > 0)
    await expect(isCalled).resolves.toMatchObject({ event: 'guard' })
  })

  it('sees nothing of a static program, which takes no preload', async () => {
    const stream = look(guard)
    const { pid, said } = await runCalls(guard, fixed)
    expect(said['handled-inside']).toBe(2)
    const other = await runCalls(guard)
    await stream.next((each) => each.pid === other.pid)
    expect(stream.seen.map((each) => each.pid)).not.toContain(pid)
  })
})
